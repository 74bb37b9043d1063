import { freePort, type RedisServer, waitUntil } from "@org/discovery-test-servers";
import { expect, test } from "vitest";
import type { Discoveryd } from "./discoveryd.ts";
import { redisForTest } from "./redis.ts";
import { daemonOn, sees } from "./registry-backend.ts";
import { answer, send } from "./registry-requests.ts";
import { runDiscovery } from "./run-discovery.ts";

const LIST = "/v1/sd/p.*/default";
const SERVICES = 20;

async function daemons(redis: RedisServer): Promise<readonly [Discoveryd, Discoveryd]> {
  const backend = { flags: ["--driver", "redis", "--redis-url", redis.url] };
  return [await daemonOn(backend, "a.example.com"), await daemonOn(backend, "b.example.com")];
}

async function register(daemon: Discoveryd): Promise<void> {
  for (const name of ["p1", "p2"]) await send(daemon, "POST /v1/servers", { name });
  for (let index = 0; index < SERVICES; index++) {
    await send(daemon, "POST /v1/services", { name: "node", endpoint: `http://h${index}.example.com:9100/metrics` });
  }
}

/** Keeps asking for the list; answers all that was wrong. */
function vigil(daemon: Discoveryd, expected: string): () => Promise<string[]> {
  const faults: string[] = [];
  let isOver = false;
  const ask = async (): Promise<void> => {
    const response = await daemon.fetch(LIST, { signal: AbortSignal.timeout(20_000) });
    const text = await response.text();
    if (response.status !== 200 || text !== expected) faults.push(`${response.status} ${text.slice(0, 200)}`);
  };
  const watching = (async () => {
    while (!isOver) {
      await ask().catch((error: unknown) => faults.push(String(error)));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return async () => {
    isOver = true;
    await watching;
    return faults;
  };
}

test("Redis comes back empty: the registry is served throughout, and written back", { timeout: 180_000 }, async () => {
  const redis = await redisForTest();
  const [a, b] = await daemons(redis);
  await register(a);
  await sees(b, "/v1/services", `h${SERVICES - 1}.example.com`);
  const expected = await b.text(LIST);
  const ends = [vigil(a, expected), vigil(b, expected)];

  await redis.kill();
  const isStale = async (daemon: Discoveryd): Promise<boolean> =>
    (await daemon.fetch(LIST)).headers.has("X-Discovery-Stale");
  for (const daemon of [a, b]) await waitUntil("it knows that Redis is gone", () => isStale(daemon));
  expect(await answer(a, "POST /v1/servers", { name: "p3" })).toMatchObject({ status: 503 });
  await redis.restart({ empty: true });
  const origin = (): Promise<string> => redis.cli("hget", "{discovery}:meta", "origin");
  await waitUntil("a replica was written back", async () => (await origin()) === "restored");
  expect(Number(await redis.cli("hlen", "{discovery}:entries"))).toBeGreaterThanOrEqual(SERVICES + 2);
  const newcomer = await daemonOn({ flags: ["--driver", "redis", "--redis-url", redis.url] }, "c.example.com");
  expect(await newcomer.text(LIST)).toBe(expected);
  for (const end of ends) expect(await end()).toEqual([]);

  await send(newcomer, "POST /v1/services", { name: "node", endpoint: "http://late.example.com/metrics" });
  for (const daemon of [a, b]) await sees(daemon, LIST, "late.example.com");
});

test("discovery admin wipe empties every daemon, and nobody brings anything back", { timeout: 180_000 }, async () => {
  const redis = await redisForTest();
  const [a, b] = await daemons(redis);
  await register(a);
  await sees(b, "/v1/services", `h${SERVICES - 1}.example.com`);
  // An entry is written after its change: one that came after the wipe would stand in the new history.
  await waitUntil("the history has everything", async () => {
    const { entries } = await send<{ entries: object[] }>(a, "GET /v1/history?action=registered&limit=100");
    return entries.length === SERVICES + 2;
  });
  // It keeps its replica, and is away when the wipe happens.
  expect(await b.end("SIGTERM")).toMatchObject({ code: 0 });

  const unasked = await runDiscovery(["admin", "wipe", "--address", a.url]);
  expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining("--yes") });
  expect((await send<{ services: object[] }>(a, "GET /v1/services")).services).toHaveLength(SERVICES);

  const wiped = await runDiscovery(["admin", "wipe", "-a", a.url, "--yes", "--reason", "moving house"]);
  expect(wiped).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^wiped: \d+ entries removed; .*\(wiped\) began/),
  });
  expect(await a.text(LIST)).toBe("[]");
  await sees(a, "/v1/history", "wiped");
  expect(await send(a, "GET /v1/history")).toMatchObject({
    entries: [{ action: "wiped", actor: "anonymous", origin: "127.0.0.1", reason: "moving house" }],
  });

  await b.restart();
  await waitUntil("b has heard of it", async () => (await b.text(LIST)) === "[]");
  expect(await send(b, "GET /v1/servers")).toEqual({ servers: [] });
  expect(await send(a, "GET /v1/services")).toEqual({ services: [] });
  expect(await redis.cli("hget", "{discovery}:meta", "origin")).toBe("wiped");

  const unreached = await runDiscovery([
    "admin",
    "wipe",
    "-a",
    `127.0.0.1:${await freePort()}`,
    "--yes",
    "--timeout",
    "2s",
  ]);
  expect(unreached).toMatchObject({ code: 1, stdout: "" });
});

/** As `put.lua`, by hand: the entry, its place in the history, and the state of the whole. */
const PLANT = `
  local meta, entries, changes = KEYS[1], KEYS[2], KEYS[3]
  local revision = redis.call("HINCRBY", meta, "revision", 1)
  redis.call("XADD", changes, revision .. "-0", "m", "by-hand-" .. revision, "k", ARGV[1], "v", ARGV[2])
  redis.call("HSET", entries, ARGV[1], revision .. " " .. ARGV[2])
  redis.call("HSET", meta, "mark", "by-hand-" .. revision, "count", redis.call("HLEN", entries))
  redis.call("PUBLISH", "{discovery}:written", revision)
  return revision`;

async function plant(redis: RedisServer, key: string, value: string): Promise<void> {
  const keys = ["meta", "entries", "changes"].map((part) => `{discovery}:${part}`);
  await redis.cli("eval", PLANT, String(keys.length), ...keys, key, value);
}

test(
  "a corrupt value and one of a newer version are skipped, counted, told, and never written over",
  { timeout: 180_000 },
  async () => {
    const redis = await redisForTest();
    const [a, b] = await daemons(redis);
    await register(a);
    const { service } = await send<{ service: { id: string } }>(a, "POST /v1/services", {
      name: "victim",
      endpoint: "http://victim.example.com/metrics",
    });
    const backup = await a.text("/v1/backup");
    const planted = new Map([
      [`service/default/${service.id}`, '{"v":2,"id":"of the future"}'],
      ["namespace/broken", "{"],
      ["server/odd", '{"v":1,"name":"even"}'],
    ]);
    for (const [key, value] of planted) await plant(redis, key, value);
    for (const daemon of [a, b]) await sees(daemon, "/readyz", "degraded: 3 registry values");

    for (const daemon of [a, b]) {
      const ready = await daemon.fetch("/readyz");
      expect(ready.status).toBe(200);
      const text = await ready.text();
      for (const key of planted.keys()) expect(text).toContain(key);
      expect(await daemon.metric("discovery_registry_problems")).toBe(3);
      expect(await daemon.text(LIST)).not.toContain("victim");
      expect((await send<{ services: object[] }>(daemon, "GET /v1/services")).services).toHaveLength(SERVICES);
      expect((await send<{ servers: object[] }>(daemon, "GET /v1/servers")).servers).toHaveLength(2);
    }

    const attempts: readonly (readonly [string, (object | string)?])[] = [
      ["POST /v1/services", { name: "victim", endpoint: "http://victim.example.com/metrics" }],
      [`DELETE /v1/services/default?id=${service.id}`],
      ["POST /v1/namespaces", { name: "broken" }],
      ["DELETE /v1/namespaces/broken"],
      ["POST /v1/servers", { name: "odd" }],
      ["DELETE /v1/servers/odd"],
      ["POST /v1/restore", backup],
    ];
    for (const [request, body] of attempts) {
      const { status, text } = await answer(b, request, body);
      expect([request, [404, 409].includes(status), status, text]).toEqual([request, true, status, text]);
    }
    await send(b, "POST /v1/restore?remove-others=true", JSON.stringify({ ...JSON.parse(backup), services: [] }));
    await b.restart();
    for (const [key, value] of planted) {
      const entry = await redis.cli("hget", "{discovery}:entries", key);
      expect(entry.slice(entry.indexOf(" ") + 1)).toBe(value);
    }
    await sees(b, "/readyz", "degraded: 3 registry values");
  },
);
