import { serviceId } from "@org/discovery-core";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { appUnderTest, host } from "../app-under-test.ts";
import { PROBE, registryApp, WEB, type RegistryApp } from "./registry-requests.ts";

let under: RegistryApp;

beforeEach(async () => {
  under = await registryApp();
  under.presence.known = [host("web.example.com", "service:web", "prometheus:node:port:9200")];
});

const explain = (subject: string) => under.get(`/v1/explain/${encodeURIComponent(subject)}`);

describe("GET /v1/explain/:subject", () => {
  it("tells which servers a service matches, who scrapes it, and where it stands", async () => {
    const { status, body } = await explain(PROBE);
    expect([status, body["hosts"], body["unknown"]]).toEqual([200, [], []]);
    expect(body["services"]).toMatchObject([
      {
        source: "registry",
        service: { name: "probe", servers: ["p3"] },
        export: "blackbox",
        strategy: "rendezvous",
        replicas: 1,
        servers: [
          { name: "p1", state: "active", unmet: ["env=test"], assigned: false },
          { name: "p2", state: "active", unmet: ["env=test"], assigned: false },
          { name: "p3", state: "active", unmet: [], rank: 1, assigned: true },
        ],
        lists: [{ path: "/v1/sd/p3/bb", group: { targets: [PROBE], labels: {} } }],
        reasons: [],
        changes: [{ action: "registered", actor: "anonymous" }],
      },
    ]);
  });

  it("finds a service by endpoint, id, host and host:port, and a host by its name", async () => {
    for (const subject of [WEB, serviceId(WEB), "web.example.com:9100"]) {
      const { body } = await explain(subject);
      expect([subject, body["services"], body["hosts"]]).toMatchObject([subject, [{ service: { name: "web" } }], []]);
    }
    const { body } = await explain("web.example.com");
    expect(body["services"]).toMatchObject([{ service: { name: "web" } }]);
    expect(body["hosts"]).toEqual([
      {
        source: "presence",
        hostname: "web.example.com",
        labels: ["service:web", "prometheus:node:port:9200"],
        last_check: 1_700_000_000,
        status: "alive",
        lists: [
          { path: "/v1/prometheus/node", group: { targets: ["web.example.com:9200"], labels: expect.anything() } },
          { path: "/v1/sd/hosts", group: { targets: ["web.example.com"], labels: expect.anything() } },
        ],
      },
    ]);
    for (const subject of ["web.example.com:9101", "eb.example.com", "http://nowhere", "%", "a b"]) {
      expect([subject, (await explain(subject)).status]).toEqual([subject, 404]);
    }
  });

  it("tells who fetched the lists", async () => {
    for (const path of ["/v1/sd/p.*/bb", "/v1/prometheus/node"]) {
      await under.app.request(path, { headers: { "X-Prometheus-Refresh-Interval-Seconds": "30" } });
    }
    const fetched = { at: expect.stringMatching(/^\d{4}-/), interval: 30, lag: 0, overdue: false };
    expect((await explain(PROBE)).body["services"]).toMatchObject([{ lists: [{ fetched }] }]);
    const [host] = (await explain("web.example.com")).body["hosts"] as unknown as [{ lists: object[] }];
    expect(host.lists[0]).toMatchObject({ fetched });
    expect(host.lists[1]).not.toHaveProperty("fetched");
  });

  it("tells who fetched a list whose name has to be encoded, and when a host was heard as lists do", async () => {
    under.presence.known = [{ hostname: "odd", labels: ["prometheus:a b/c?"], lastSeen: 1_700_000_000.9 }];
    const path = "/v1/prometheus/a%20b%2Fc%3F";
    await under.app.request(path);
    const [odd] = (await explain("odd")).body["hosts"] as unknown as [{ last_check: number; lists: object[] }];
    expect(odd.last_check).toBe(1_700_000_000);
    expect(odd.lists[0]).toMatchObject({ path, fetched: { overdue: false } });
    expect((await under.get("/v1/scrapers")).body["scrapers"]).toMatchObject([{ list: path }]);
  });

  it("tells the changes of many services at one host for one reading of the history, each its own", async () => {
    for (const port of [1, 2, 3]) {
      await under.post("/v1/services", { name: "m", endpoint: `http://many:${port}/`, selector: "env=prod" });
    }
    await under.post("/v1/services", {
      name: "m",
      endpoint: "http://many:2/",
      selector: "env=prod",
      description: "new",
    });
    await under.registry.audit.settled();
    const history = vi.spyOn(under.registry.audit, "history");
    const services = (await explain("many")).body["services"] as unknown as {
      changes: { endpoint: string; action: string }[];
    }[];
    expect(services.map(({ changes }) => changes.map(({ endpoint, action }) => `${action} ${endpoint}`))).toEqual([
      ["registered http://many:1/"],
      ["changed http://many:2/", "registered http://many:2/"],
      ["registered http://many:3/"],
    ]);
    expect(history).toHaveBeenCalledTimes(1);
  });

  it("tells why a service is in no list", async () => {
    await under.post("/v1/servers/p3/drain");
    expect((await explain(PROBE)).body["services"]).toMatchObject([
      { lists: [], reasons: ["every server that matches is leaving: p3"] },
    ]);
    await under.post("/v1/namespaces", { name: "bb", export: "disabled" });
    await under.delete("/v1/servers/p3");
    expect((await explain(PROBE)).body["services"]).toMatchObject([
      { export: "disabled", reasons: ["namespace bb is not exported", 'no server matches its selector "env=test"'] },
    ]);
  });

  it("answers what it knows, says what it does not, and is sure before it says that there is nothing", async () => {
    const notYet = { code: "unavailable", reason: "listening", retryAfterSeconds: 2 } as const;
    under.presence.whyNotReady = notYet;
    const known = await explain(WEB);
    expect([known.status, known.body["unknown"]]).toEqual([200, ["listening"]]);
    expect((await explain("nowhere.example.com")).status).toBe(503);
    under.presence.whyNotReady = undefined;
    under.registry.whyNotReady = notYet;
    expect((await explain(WEB)).status).toBe(503);
    expect((await explain("web.example.com")).body).toMatchObject({
      services: [],
      hosts: [{}],
      unknown: ["listening"],
    });
  });

  it("works for hosts where no registry is kept", async () => {
    const { app, presence } = await appUnderTest();
    presence.known = [host("a.example.com")];
    expect(await (await app.request("/v1/explain/a.example.com")).json()).toMatchObject({ hosts: [{}], services: [] });
    expect((await app.request("/v1/explain/b.example.com")).status).toBe(404);
  });
});
