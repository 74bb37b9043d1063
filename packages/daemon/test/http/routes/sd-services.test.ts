import { gunzipSync } from "node:zlib";
import { type GuardRule, VirtualClock } from "@org/discovery-core";
import { realClock } from "@org/discovery-test-servers";
import { describe, expect, it } from "vitest";
import { BY, WrittenRegistry } from "../../written-registry.ts";
import { appUnderTest, host } from "../app-under-test.ts";

const PROMETHEUS = { "X-Prometheus-Refresh-Interval-Seconds": "60" };

async function serve(registry?: WrittenRegistry) {
  const known = registry ?? (await WrittenRegistry.start(realClock));
  const served = await appUnderTest({ registry: known });
  const get = async (path: string, headers: Record<string, string> = {}) => served.app.request(path, { headers });
  const targets = async (path: string): Promise<string[]> => {
    const groups = (await (await get(path)).json()) as { targets: string[] }[];
    return groups.flatMap((group) => group.targets);
  };
  return { ...served, registry: known, get, targets };
}

describe("GET /v1/sd/{server}/{namespace}", () => {
  it("gives a Prometheus its services", async () => {
    const { registry, get } = await serve();
    await registry.addServer("prometheus1.example.com");
    await registry.addService("https://a.example.com:9100/metrics/?x=1", { labels: { env: "prod" } });
    const response = await get("/v1/sd/prometheus1.example.com/default");
    expect(response.headers.get("Content-Type")).toBe("application/json");
    expect(await response.json()).toEqual([
      {
        targets: ["a.example.com:9100"],
        labels: {
          __metrics_path__: "/metrics",
          __param_x: "1",
          __scheme__: "https",
          env: "prod",
          instance: "a.example.com:9100",
          job: "s",
        },
      },
    ]);
  });

  it("the server is an expression for the whole name", async () => {
    const { registry, targets, get } = await serve();
    await registry.addServer("p1");
    await registry.addService("http://a");
    expect(await targets("/v1/sd/p1/default")).toEqual(["a"]);
    expect(await targets("/v1/sd/p[0-9]/default")).toEqual(["a"]);
    expect(await targets("/v1/sd/x%7Cp1/default")).toEqual(["a"]);
    expect(await targets("/v1/sd/p/default")).toEqual([]);
    expect(await targets("/v1/sd/1/default")).toEqual([]);
    const bad = await get("/v1/sd/(/default");
    expect([bad.status, await bad.text()]).toEqual([
      400,
      expect.stringMatching(/^path server "\(": expected a regular/),
    ]);
    expect((await get(`/v1/sd/${"a".repeat(501)}/default`)).status).toBe(400);
  });

  it("config is the namespace's own, or what is asked for in either spelling", async () => {
    const { registry, targets, get } = await serve();
    await registry.addServer("p1");
    await registry.registry.registerNamespace({ name: "web", export: "blackbox" }, BY);
    await registry.registry.registerNamespace({ name: "off", export: "disabled" }, BY);
    for (const namespace of ["web", "off"]) await registry.addService("http://a/x", { namespace });
    expect(await targets("/v1/sd/p1/web")).toEqual(["http://a/x"]);
    expect(await targets("/v1/sd/p1/web?config=")).toEqual(["http://a/x"]);
    expect(await targets("/v1/sd/p1/web?config=standard")).toEqual(["a"]);
    expect(await targets("/v1/sd/p1/web?export-config=standard")).toEqual(["a"]);
    expect(await targets("/v1/sd/p1/web?config=standard&export-config=1")).toEqual(["a"]);
    expect(await targets("/v1/sd/p1/off")).toEqual([]);
    for (const query of ["config=x", "config=3", "config=standard&export-config=blackbox"]) {
      const refused = await get(`/v1/sd/p1/web?${query}`);
      expect([refused.status, await refused.text()]).toEqual([400, expect.stringMatching(/^query parameter config: /)]);
    }
    expect((await get("/v1/sd/p1/no%20name")).status).toBe(400);
  });

  it("a namespace that does not exist has no targets, so that those of one that was removed go", async () => {
    const { get } = await serve();
    const response = await get("/v1/sd/p1/gone");
    expect([response.status, await response.text()]).toEqual([200, "[]"]);
  });

  it("answers 503 until it is sure, and says how old it is", async () => {
    const { registry, get } = await serve();
    registry.whyNotReady = { code: "unavailable", reason: "reading", retryAfterSeconds: 2 };
    const unsure = await get("/v1/sd/p1/default");
    expect([unsure.status, unsure.headers.get("Retry-After")]).toEqual([503, "2"]);
    registry.whyNotReady = undefined;
    registry.stale = 42;
    expect((await get("/v1/sd/p1/default")).headers.get("X-Discovery-Stale")).toBe("42");
    const { app } = await appUnderTest();
    expect((await app.request("/v1/sd/p1/default")).status).toBe(501);
  });

  it.each([
    ["namespace/web", "/v1/sd/p1/web", 503],
    ["namespace/web", "/v1/sd/p1/default", 200],
    ["server/p2", "/v1/sd/p./default", 503],
    ["server/p2", "/v1/sd/p1/default", 200],
    ["service/default/x", "/v1/sd/p1/default", 200],
  ])("with an unreadable %s, %s is %s", async (key, path, status) => {
    const { registry, get } = await serve();
    await registry.addServer("p1");
    await registry.replica.put(key, '{"v":99}');
    expect((await get(path)).status).toBe(status);
  });

  it("keeps what vanishes by expired leases all at once, marked", async () => {
    const clock = new VirtualClock();
    const guard: GuardRule = { share: 0.3, holdMs: 900_000 };
    const { registry, get } = await serve(await WrittenRegistry.start(clock, { guard }));
    await registry.addServer("p1");
    for (const name of ["a", "b", "c", "d"]) await registry.addService(`http://${name}`, { ttlSeconds: 10 });
    await clock.advance(15_000);
    registry.leases.sweep();
    const response = await get("/v1/sd/p1/default");
    expect(response.headers.get("X-Discovery-Guarded")).toBe("4");
    expect(await response.json()).toMatchObject([
      { targets: ["a"], labels: { __meta_discovery_guarded: "true" } },
      { targets: ["b"] },
      { targets: ["c"] },
      { targets: ["d"] },
    ]);
  });
});

describe("the rendered answer", () => {
  const filled = async () => {
    const served = await serve();
    await served.registry.addServer("p1");
    for (let index = 0; index < 50; index++) await served.registry.addService(`http://host-${index}.example.com:9100`);
    return served;
  };

  it("is compressed for who accepts that, with a tag of its own", async () => {
    const { get } = await filled();
    const plain = await get("/v1/sd/p1/default");
    const gzip = await get("/v1/sd/p1/default", { "Accept-Encoding": "gzip" });
    const again = await get("/v1/sd/p1/default", { "Accept-Encoding": "br, gzip;q=0.5" });
    const bytes = Buffer.from(await gzip.arrayBuffer());
    expect(plain.headers.get("Content-Encoding")).toBeNull();
    expect(gzip.headers.get("Content-Encoding")).toBe("gzip");
    expect([plain, gzip].map(({ headers }) => headers.get("Vary"))).toEqual(["Accept-Encoding", "Accept-Encoding"]);
    expect(gunzipSync(bytes).toString()).toBe(await plain.text());
    expect(Buffer.from(await again.arrayBuffer()).equals(bytes)).toBe(true);
    expect(gzip.headers.get("ETag")).not.toBe(plain.headers.get("ETag"));
  });

  it("is a 304 only for who has it, in either encoding", async () => {
    const { registry, get } = await filled();
    for (const encoding of ["identity", "gzip"]) {
      const etag = (await get("/v1/sd/p1/default", { "Accept-Encoding": encoding })).headers.get("ETag") ?? "";
      const known = await get("/v1/sd/p1/default", { "If-None-Match": etag, "Accept-Encoding": "gzip" });
      expect([known.status, known.headers.get("ETag")]).toEqual([304, etag]);
      await registry.addService(`http://new-${encoding}`);
      expect((await get("/v1/sd/p1/default", { "If-None-Match": etag })).status).toBe(200);
    }
  });

  it("can be waited for", async () => {
    const { registry, get, targets } = await filled();
    const etag = (await get("/v1/sd/p1/default")).headers.get("ETag") ?? "";
    const waiting = get("/v1/sd/p1/default?wait=10s", { "If-None-Match": etag });
    await registry.registry.unregisterService({ service: "http://host-0.example.com:9100" }, BY);
    expect((await waiting).status).toBe(200);
    expect(await targets("/v1/sd/p1/default")).toHaveLength(49);
  });

  it("is gzip for the lists of hosts, too", async () => {
    const { presence, get } = await serve();
    presence.known = Array.from({ length: 50 }, (_, index) => host(`host-${index}`, "prometheus:node"));
    for (const path of ["/v1/prometheus/node", "/v1/sd/hosts"]) {
      const response = await get(path, { "Accept-Encoding": "gzip" });
      expect(response.headers.get("Content-Encoding")).toBe("gzip");
      expect(JSON.parse(gunzipSync(Buffer.from(await response.arrayBuffer())).toString())).toHaveLength(50);
    }
  });
});

describe("the ledger of scrapers", () => {
  it("shows who fetched what, in the API and in the metrics", async () => {
    const { registry, get, metrics } = await serve();
    await registry.addServer("p1");
    await registry.addService("http://a");
    await get("/v1/sd/p1/default", PROMETHEUS);
    await get("/v1/sd/hosts?port=9100", PROMETHEUS);
    await get("/v1/prometheus/node");
    await get("/v1/sd/(/default", PROMETHEUS);
    expect(await (await get("/v1/scrapers")).json()).toEqual({
      scrapers: [
        expect.objectContaining({
          ...{ list: "/v1/sd/p1/default", server: "p1", namespace: "default", fetches: 1 },
          ...{ interval: 60, revision: registry.catalog.revision, lag: 0, overdue: false },
        }),
        expect.objectContaining({ list: "/v1/sd/hosts?port=9100", interval: 60 }),
        expect.objectContaining({ list: "/v1/prometheus/node" }),
      ],
    });
    const text = await metrics.registry.metrics();
    const labels = '{list="/v1/sd/p1/default",server="p1",namespace="default"}';
    expect(text).toContain(`discovery_scraper_refresh_interval_seconds${labels} 60`);
    expect(text).toContain(`discovery_scraper_lag_seconds${labels} 0`);
    expect(text).toMatch(
      /discovery_scraper_last_fetch_timestamp_seconds\{list="\/v1\/sd\/hosts\?port=9100".*\} 1\d{9}/,
    );
    expect(text).not.toContain('discovery_scraper_refresh_interval_seconds{list="/v1/prometheus/node"');
  });

  it("takes a request that waits as one fetch, of what it was answered with", async () => {
    const { registry, get } = await serve();
    await registry.addServer("p1");
    const list = "/v1/sd/p1/default";
    const etag = (await get(list)).headers.get("ETag") ?? "";
    const waiting = get(`${list}?wait=20s`, { "If-None-Match": etag });
    await registry.addService("http://a");
    const answered = await waiting;
    expect(answered.status).toBe(200);
    expect(await (await get("/v1/scrapers")).json()).toMatchObject({
      scrapers: [{ list, fetches: 2, etag: answered.headers.get("ETag"), revision: registry.catalog.revision }],
    });
  });

  it("sees that what was fetched is outdated", async () => {
    const { registry, get } = await serve();
    await registry.addServer("p1");
    await get("/v1/sd/p1/default", PROMETHEUS);
    await registry.addService("http://a");
    await new Promise((resolve) => void setTimeout(resolve, 20));
    const { scrapers } = (await (await get("/v1/scrapers")).json()) as { scrapers: { lag: number }[] };
    expect(scrapers[0]?.lag).toBeGreaterThan(0);
  });
});

it("the original's metrics say how many services each server has", async () => {
  const { registry, metrics } = await serve();
  await registry.addServer("p1");
  for (const name of ["a", "b"]) await registry.addService(`http://${name}`);
  const text = await metrics.registry.metrics();
  expect(text).toContain('discovery_services_count{server="p1",namespace="default"} 2');
  expect(text).toContain("discovery_replication_factor 1");
  expect(text).toContain("discovery_services_guarded 0");
});
