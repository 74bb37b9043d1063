import { isDiscoveryError } from "@org/discovery-core";
import { startRedis, waitUntil, type RedisServer } from "@org/discovery-test-servers";
import { beforeEach, describe, expect, it } from "vitest";
import { registryUnderTest, type RegistryUnderTest } from "./registry-under-test.ts";

const CHANGE = { actor: "test" };

let redis: RedisServer;
let one: RegistryUnderTest;
let two: RegistryUnderTest;

beforeEach(async () => {
  redis = await startRedis();
  const argv = ["--driver", "redis", "--redis-url", redis.url];
  one = await registryUnderTest({ argv });
  two = await registryUnderTest({ argv });
  await one.service.registry.registerServer({ name: "s", labels: { a: "b" } }, CHANGE);
  await both("the server", ({ service }) => service.catalog.server("s") !== undefined);
  return () => redis.stop();
}, 60_000);

function both(what: string, holds: (daemon: RegistryUnderTest) => boolean): Promise<void> {
  return waitUntil(`both daemons show ${what}`, () => [one, two].every(holds), 20_000);
}

const sameEverywhere = (): Promise<void> =>
  both("the same", () => one.service.replica.revision === two.service.replica.revision);

describe("two daemons that change the same at once", { timeout: 120_000 }, () => {
  it("both succeed, one after the other, and agree on the last", async () => {
    for (let round = 0; round < 2; round++) {
      const names = Array.from({ length: 20 }, (_, index) => `n${round}-${index}`);
      const written = await Promise.all(
        names.map((name, index) =>
          (index % 2 === 0 ? one : two).service.registry.registerService({ name, endpoint: "http://a/" }, CHANGE),
        ),
      );
      expect(written.map(({ name }) => name)).toEqual(names);
    }
    for (const { service } of [one, two]) await service.audit?.settled();
    await sameEverywhere();
    const [left, right] = [one, two].map(({ service }) => service.catalog.services());
    expect(left).toEqual(right);
    expect(left).toHaveLength(1);
    // The history chains: what one write replaced is what the write before it made.
    const entries = one.service.audit?.history({ kind: "service", limit: 100 }) ?? [];
    expect(entries).toHaveLength(40);
    const before = entries
      .map((entry) => (entry.before === undefined ? "" : (entry.before as { name: string }).name))
      .toSorted();
    const after = entries.map((entry) => (entry.after as { name: string }).name).toSorted();
    expect(before).toEqual(["", ...after.filter((name) => name !== left?.[0]?.name)].toSorted());
  });

  it("lose neither change where both touch one record", async () => {
    for (let round = 0; round < 20; round++) {
      const labels = { round: String(round) };
      const isDraining = round % 2 === 0;
      await Promise.all([
        one.service.registry.registerServer({ name: "s", labels }, CHANGE),
        isDraining ? two.service.registry.drainServer("s", CHANGE) : two.service.registry.activateServer("s", CHANGE),
      ]);
      await sameEverywhere();
      expect(one.service.catalog.server("s")).toMatchObject({ labels, state: isDraining ? "leaving" : "active" });
    }
  });

  it("remove once, and nothing comes back from the dead while servers change", async () => {
    const endpoints = Array.from({ length: 50 }, (_, index) => `http://h${index}/`);
    const { registry } = one.service;
    await Promise.all(endpoints.map((endpoint) => registry.registerService({ name: "a", endpoint }, CHANGE)));
    await both("all", ({ service }) => service.catalog.services().length === 50);
    const removed = endpoints.flatMap((service) =>
      [one, two].map((daemon) =>
        daemon.service.registry.unregisterService({ service }, CHANGE).then(
          () => "removed",
          (error: unknown) => (isDiscoveryError(error) ? error.code : "broken"),
        ),
      ),
    );
    const servers = Array.from({ length: 20 }, (_, index) =>
      (index % 2 === 0 ? one : two).service.registry.registerServer({ name: `s${index}` }, CHANGE),
    );
    const outcomes = await Promise.all(removed);
    await Promise.all(servers);
    expect(outcomes.filter((outcome) => outcome === "removed")).toHaveLength(50);
    expect(outcomes.filter((outcome) => outcome === "not_found")).toHaveLength(50);
    await both("none", ({ service }) => service.catalog.stored().length === 0);
    await both("the servers", ({ service }) => service.catalog.servers().length === 21);
  });

  it("leave nothing in a namespace that went while it was filled", async () => {
    await one.service.registry.registerNamespace({ name: "n" }, CHANGE);
    await both("the namespace", ({ service }) => service.catalog.namespace("n") !== undefined);
    const filling = Array.from({ length: 60 }, (_, index) =>
      two.service.registry
        .registerService({ name: "a", endpoint: `http://h${index}/`, namespace: "n" }, CHANGE)
        .catch((error: unknown) => expect(error).toMatchObject({ code: "not_found" })),
    );
    await one.service.registry.unregisterNamespace("n", CHANGE);
    await Promise.all(filling);
    await both("nothing in it", ({ service }) => service.catalog.servicesIn("n").length === 0);
  });
});

describe("Redis killed in the middle of 1,000 registrations", () => {
  it("has everything acknowledged; the rest was reported as not done or unknown", { timeout: 120_000 }, async () => {
    const { registry } = one.service;
    const outcomes = new Map<string, string>();
    let acknowledged = 0;
    let killed = Promise.resolve();
    const register = async (index: number): Promise<void> => {
      const endpoint = `http://h${index}/`;
      try {
        await registry.registerService({ name: "a", endpoint }, CHANGE);
        outcomes.set(endpoint, "done");
        acknowledged += 1;
        if (acknowledged === 300) killed = redis.kill();
      } catch (error) {
        outcomes.set(endpoint, isDiscoveryError(error) ? error.code : String(error));
      }
    };
    const workers = Array.from({ length: 50 }, async (_, worker) => {
      for (let index = worker; index < 1000; index += 50) await register(index);
    });
    await Promise.all(workers);
    await killed;
    await redis.restart();
    const areBack = (): boolean => [one, two].every(({ service }) => service.staleSeconds() === undefined);
    await waitUntil("both daemons are back", areBack, 20_000);
    const fresh = await registryUnderTest({ argv: ["--driver", "redis", "--redis-url", redis.url] });
    const stored = new Set(fresh.service.catalog.stored().map(({ endpoint }) => endpoint));
    const told = (outcome: string): string[] =>
      [...outcomes].filter(([, is]) => is === outcome).map(([endpoint]) => endpoint);
    expect(told("done").filter((endpoint) => !stored.has(endpoint))).toEqual([]);
    expect(told("unavailable").filter((endpoint) => stored.has(endpoint))).toEqual([]);
    expect(told("done").length + told("unavailable").length + told("outcome_unknown").length).toBe(1000);
    expect(told("done").length).toBeGreaterThanOrEqual(300);
    expect(told("done").length).toBeLessThan(1000);
  });
});
