import { expect, test } from "vitest";
import { sleep } from "../../src/clock.ts";
import { LeaseReaper } from "../../src/registry/lease-reaper.ts";
import { VirtualClock } from "../../src/virtual-clock.ts";
import { MemoryBackend } from "./memory-backend.ts";
import { BY, newDaemon, type DaemonSetting, type RegistryDaemon } from "./registry-fixture.ts";

const ENDPOINT = "http://a/";
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

async function start(setting: DaemonSetting): Promise<RegistryDaemon & { readonly reaper: LeaseReaper }> {
  const daemon = await newDaemon(setting);
  const reaper = new LeaseReaper({ ...daemon, log });
  reaper.start();
  return { ...daemon, reaper };
}

async function pair(backend = new MemoryBackend()) {
  const clock = new VirtualClock();
  const daemons = [
    await start({ backend, clock, instance: "one" }),
    await start({ backend, clock, instance: "two" }),
  ] as const;
  await clock.advance(0);
  await daemons[0].registry.registerServer({ name: "p" }, BY);
  await daemons[0].registry.registerService({ name: "s", endpoint: ENDPOINT, ttlSeconds: 30 }, BY);
  await daemons[0].registry.registerService({ name: "eternal", endpoint: "http://b/" }, BY);
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      for (const { link } of daemons) link.proved();
      await clock.advance(1000);
    }
  };
  const served = (): string[][] => daemons.map(({ catalog }) => catalog.services().map(({ name }) => name));
  return { backend, clock, daemons, pass, served };
}

test("a service that nobody renews is not served after its TTL, and is removed after twice that, once", async () => {
  const { backend, daemons, pass, served } = await pair();
  await pass(30);
  expect(served()).toEqual([
    ["s", "eternal"],
    ["s", "eternal"],
  ]);
  await pass(2);
  expect(served()).toEqual([["eternal"], ["eternal"]]);
  expect(daemons[1].catalog.servicesAt(ENDPOINT)).toHaveLength(1);
  await pass(45);
  expect([...backend.entries.keys()].filter((key) => key.startsWith("service/"))).toHaveLength(1);
  const entries = daemons[0].audit.history({ action: "lease expired" });
  expect(entries).toHaveLength(1);
  expect(entries[0]).toMatchObject({ actor: "discoveryd", name: "s", endpoint: ENDPOINT, namespace: "default" });
  expect(entries[0]?.after).toBeUndefined();
});

test("renewed at one daemon, it is served by both", async () => {
  const { daemons, pass, served } = await pair();
  for (let index = 0; index < 10; index++) {
    await pass(20);
    daemons[index % 2]!.registry.renewService({ service: ENDPOINT });
    for (const { leases } of daemons) {
      const renewals = leases.takeRenewals();
      for (const other of daemons) other.leases.heard(renewals);
    }
  }
  expect(served()).toEqual([
    ["s", "eternal"],
    ["s", "eternal"],
  ]);
});

test("registered again in the last moment, it stays", async () => {
  const { clock, daemons, pass, served } = await pair();
  await pass(50);
  await daemons[1].registry.registerService({ name: "s2", endpoint: ENDPOINT, ttlSeconds: 30 }, BY);
  await clock.advance(0);
  expect(served()).toEqual([
    ["s2", "eternal"],
    ["s2", "eternal"],
  ]);
  await pass(25);
  expect(served()).toEqual([
    ["s2", "eternal"],
    ["s2", "eternal"],
  ]);
});

test("what is not expired, or not there, is not removed", async () => {
  const { backend, daemons, pass } = await pair();
  const keys = [...backend.entries.keys()].filter((key) => key.startsWith("service/"));
  await pass(10);
  for (const key of [...keys, "service/default/unknown"]) {
    expect(await daemons[0].registry.removeExpired(key)).toBe(false);
  }
  expect([...backend.entries.keys()].filter((key) => key.startsWith("service/"))).toEqual(keys);
});

test("a removal that fails is tried again", async () => {
  const { backend, pass } = await pair();
  backend.down = true;
  await pass(100);
  expect([...backend.entries.keys()].filter((key) => key.startsWith("service/"))).toHaveLength(2);
  backend.down = false;
  await pass(2);
  expect([...backend.entries.keys()].filter((key) => key.startsWith("service/"))).toHaveLength(1);
});

test("stopped, it leaves no timer", async () => {
  const { clock, daemons } = await pair();
  for (const { reaper } of daemons) reaper.stop();
  expect(clock.pending).toBe(0);
});

test("a service without a TTL cannot be renewed", async () => {
  const { daemons } = await pair();
  expect(() => daemons[0].registry.renewService({ service: "http://b/" })).toThrow("registered with a ttl");
});

test("of many that expire at once it removes a few at a time", async () => {
  const clock = new VirtualClock();
  const backend = new MemoryBackend();
  const store = backend.connect();
  let [underWay, most] = [0, 0];
  const daemon = await start({
    backend,
    clock,
    store: {
      ...store,
      delete: async (key, options) => {
        underWay += 1;
        most = Math.max(most, underWay);
        await sleep(clock, 5);
        underWay -= 1;
        return store.delete(key, options);
      },
    },
  });
  await clock.advance(0);
  await daemon.registry.registerServer({ name: "p" }, BY);
  for (let index = 0; index < 200; index++) {
    await daemon.registry.registerService({ name: "s", endpoint: `http://h${index}/`, ttlSeconds: 1 }, BY);
  }
  for (let second = 0; second < 10; second++) {
    daemon.link.proved();
    await clock.advance(1000);
  }
  expect(daemon.catalog.stored()).toEqual([]);
  expect(most).toBeLessThanOrEqual(32);
});
