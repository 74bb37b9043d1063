import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { VirtualClock } from "@org/discovery-core";
import { startNats, startRedis, waitUntil, type RedisServer } from "@org/discovery-test-servers";
import { describe, expect, it, onTestFinished } from "vitest";
import { appUnderTest } from "../http/app-under-test.ts";
import { registryUnderTest, temporaryFolder, type RegistryUnderTest } from "./registry-under-test.ts";

const CHANGE = { actor: "test" };
const NOWHERE = ["--driver", "redis", "--redis-host", "127.0.0.1", "--redis-port", "1"];

async function redisFor(): Promise<{ redis: RedisServer; argv: readonly string[] }> {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  return { redis, argv: ["--driver", "redis", "--redis-url", redis.url] };
}

async function register({ service }: RegistryUnderTest, ...names: readonly string[]): Promise<void> {
  await service.registry.registerServer({ name: "s" }, CHANGE);
  for (const name of names) await service.registry.registerService({ name, endpoint: `http://${name}/` }, CHANGE);
}

const namesOf = ({ service }: RegistryUnderTest): string[] => service.catalog.services().map(({ name }) => name);

describe("a daemon that starts while its backend is dead", () => {
  it("serves the registry that it saved, and says how old that is; it changes nothing", async () => {
    const { redis, argv } = await redisFor();
    const folder = await temporaryFolder();
    const first = await registryUnderTest({ argv, folder });
    await register(first, "a", "b");
    await first.stop();
    await redis.kill();
    const second = await registryUnderTest({ argv, folder, live: false });
    const { app } = await appUnderTest({ registry: second.service });
    const listed = await app.request("/v1/services");
    expect([listed.status, listed.headers.get("X-Discovery-Stale")]).toEqual([200, expect.stringMatching(/^\d+$/)]);
    expect(((await listed.json()) as { services: unknown[] }).services).toHaveLength(2);
    expect((await app.request("/readyz")).headers.get("X-Discovery-Stale")).toMatch(/^\d+$/);
    const changed = await app.request("/v1/services", { method: "POST", body: '{"name":"c","endpoint":"http://c/"}' });
    expect([changed.status, changed.headers.get("Retry-After")]).toEqual([503, "5"]);
    await redis.restart();
    await waitUntil("the backend is read", () => second.service.staleSeconds() === undefined);
    expect(namesOf(second)).toEqual(["a", "b"]);
    expect((await app.request("/v1/services")).headers.get("X-Discovery-Stale")).toBeNull();
  });

  it("knows nothing without a file, and says when to come back", async () => {
    const { service } = await registryUnderTest({ argv: NOWHERE, live: false });
    const { app } = await appUnderTest({ registry: service });
    for (const path of ["/v1/services", "/v1/servers", "/v1/namespaces", "/v1/services/default/a:b", "/readyz"]) {
      const response = await app.request(path);
      expect([path, response.status, response.headers.get("Retry-After")]).toEqual([path, 503, "2"]);
      expect(await response.text()).toContain("the registry was not read since the start (redis: ");
    }
    expect((await app.request("/v1/services/default/a:b/lease", { method: "PUT" })).status).toBe(503);
    expect((await app.request("/v1/servers", { method: "POST", body: '{"name":"s"}' })).status).toBe(503);
  });

  it("does not take the registry of another backend, or a file that is none", async () => {
    const { argv } = await redisFor();
    const folder = await temporaryFolder();
    const first = await registryUnderTest({ argv, folder });
    await register(first, "a");
    await first.stop();
    const other = await registryUnderTest({ argv: NOWHERE, folder, live: false });
    expect(other.service.notReady()).toMatchObject({ code: "unavailable" });
    for (const text of ["", "{", "null", '{"origin":"x"}']) {
      await writeFile(join(folder, "replica.json"), text);
      const broken = await registryUnderTest({ argv, folder, live: false });
      expect(broken.service.replica.entries.size).toBe(0);
      expect(broken.log.at("warn").map(({ message }) => message)).toContain(
        "saved registry can't be read; starting without it",
      );
      await broken.stop();
    }
  });
});

describe("the saved registry", () => {
  it("is written while the daemon runs, for its own user only", async () => {
    const under = await registryUnderTest();
    await register(under, "a");
    const path = join(under.folder, "replica.json");
    const isSaved = async (): Promise<boolean> => (await readFile(path, "utf8").catch(() => "")).includes("http://a/");
    await waitUntil("it is saved", isSaved, 20_000);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it("refills a backend that comes back empty", async () => {
    const { redis, argv } = await redisFor();
    const folder = await temporaryFolder();
    const first = await registryUnderTest({ argv, folder });
    await register(first, "a");
    await first.stop();
    await redis.restart({ empty: true });
    const second = await registryUnderTest({ argv, folder });
    expect(namesOf(second)).toEqual(["a"]);
    const third = await registryUnderTest({ argv });
    await waitUntil("a daemon without a file reads it", () => namesOf(third).length === 1);
  });
});

describe("what is wrong in the store", () => {
  it("is left alone, counted in /readyz, and not overwritten", async () => {
    const { redis, argv } = await redisFor();
    const under = await registryUnderTest({ argv });
    await register(under, "a");
    const { replica, registry } = under.service;
    const newer = '{"v":99,"name":"t"}';
    await replica.put("server/t", newer);
    await replica.put("service/default/x", "garbage");
    const { app } = await appUnderTest({ registry: under.service });
    const ready = await app.request("/readyz");
    expect([ready.status, await ready.text()]).toEqual([
      200,
      "ready, degraded: 2 registry values can't be read: server/t (version 99 is newer than 1, the newest that this daemon knows), " +
        "service/default/x (expected a JSON object with a version v)",
    ]);
    expect(namesOf(under)).toEqual(["a"]);
    await expect(registry.registerServer({ name: "t" }, CHANGE)).rejects.toMatchObject({ code: "revision_conflict" });
    const refused = await app.request("/v1/servers", { method: "POST", body: '{"name":"t"}' });
    expect(refused.status).toBe(409);
    expect(replica.entries.get("server/t")?.value).toBe(newer);
    expect((await redis.cli("ping")).trim()).toBe("PONG");
  });
});

describe("a backend that lost its data and has no room for it", () => {
  it("is told in /readyz until it is refilled; nothing that is served changes", async () => {
    const { redis, argv } = await redisFor();
    const under = await registryUnderTest({ argv });
    await register(under, "a");
    const { app } = await appUnderTest({ registry: under.service });
    await redis.cli("config", "set", "maxmemory", "1");
    await redis.cli("flushall");
    await waitUntil("the refill failed", () => under.service.refillFailure() !== undefined);
    const ready = await app.request("/readyz");
    expect([ready.status, await ready.text()]).toEqual([
      200,
      expect.stringMatching(/^ready, degraded: the backend lost the registry and can't be refilled: .*OOM/),
    ]);
    expect(namesOf(under)).toEqual(["a"]);
    await redis.cli("config", "set", "maxmemory", "0");
    await waitUntil("it is refilled", () => under.service.replica.epoch?.origin === "restored", 60_000);
    expect(await (await app.request("/readyz")).text()).toBe("ready");
    expect(namesOf(under)).toEqual(["a"]);
  }, 90_000);
});

describe("leases", () => {
  it("that nobody renews expire, then the service goes", async () => {
    const clock = new VirtualClock();
    const under = await registryUnderTest({ argv: ["--guard-share", "100%"], clock });
    await register(under, "a");
    for (const name of ["b", "c"]) {
      await under.service.registry.registerService({ name, endpoint: `http://${name}/`, ttlSeconds: 2 }, CHANGE);
    }
    const { app } = await appUnderTest({ registry: under.service });
    const shown = async (): Promise<object[]> => {
      const { services } = (await (await app.request("/v1/services?unserved=true")).json()) as {
        services: { name: string; served?: boolean }[];
      };
      return services.map(({ name, served }) => ({ name, served }));
    };
    /** Lets time pass in which c is renewed every second. */
    const pass = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second++) {
        await clock.advance(1000);
        const renewed = await app.request("/v1/services/default/http%3A%2F%2Fc%2F/lease", { method: "PUT" });
        expect(renewed.status).toBe(200);
      }
    };
    await pass(1);
    expect(namesOf(under)).toEqual(["a", "b", "c"]);
    await pass(3);
    expect(namesOf(under)).toEqual(["a", "c"]);
    expect(await shown()).toContainEqual({ name: "b", served: false });
    // Twice the TTL, up to one more that differs from daemon to daemon, and the second in which it is found.
    await pass(4);
    expect(await shown()).toEqual([
      { name: "a", served: undefined },
      { name: "c", served: undefined },
    ]);
    await under.service.audit?.settled();
    expect(under.service.audit?.history()[0]).toMatchObject({
      action: "lease expired",
      actor: "discoveryd",
      name: "b",
    });
    expect(namesOf(under)).toEqual(["a", "c"]);
  });
});

it("an installation without a store answers 501", async () => {
  const { app } = await appUnderTest();
  const requests = [
    ["GET", "/v1/services"],
    ["POST", "/v1/servers", '{"name":"s"}'],
    ["DELETE", "/v1/namespaces/a"],
    ["PUT", "/v1/services/default/a:b/lease"],
  ] as const;
  for (const [method, path, body] of requests) {
    const response = await app.request(path, { method, ...(body === undefined ? {} : { body }) });
    expect([method, response.status]).toEqual([method, 501]);
  }
  expect((await app.request("/readyz")).status).toBe(200);
});

it("a backend that turns out to keep nothing is told by 501, and delays readiness no longer", async () => {
  const nats = await startNats({ jetStream: false });
  onTestFinished(() => nats.stop());
  const { service } = await registryUnderTest({ argv: ["--driver", "nats", "--nats-url", nats.url], live: false });
  const { app } = await appUnderTest({ registry: service });
  const status = async (path: string): Promise<number> => (await app.request(path)).status;
  await waitUntil("that is known", async () => (await status("/v1/services")) === 501, 20_000);
  expect(await (await app.request("/v1/services")).text()).toContain("JetStream");
  expect((await app.request("/v1/servers", { method: "POST", body: '{"name":"s"}' })).status).toBe(501);
  expect(await status("/readyz")).toBe(200);
});
