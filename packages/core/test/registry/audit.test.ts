import { describe, expect, test } from "vitest";
import { sleep } from "../../src/clock.ts";
import { VirtualClock } from "../../src/virtual-clock.ts";
import { MemoryBackend } from "./memory-backend.ts";
import { BY, liveDaemon, newDaemon, type RegistryDaemon } from "./registry-fixture.ts";

const ENDPOINT = "http://a/";

async function settle(...daemons: RegistryDaemon[]): Promise<void> {
  for (const { audit, clock } of daemons) {
    await clock.advance(0);
    await audit.settled();
    await clock.advance(0);
  }
}

async function withHistory() {
  const daemon = await liveDaemon();
  const { registry, clock } = daemon;
  await registry.registerServer({ name: "p" }, BY);
  await registry.registerService(
    { name: "s", endpoint: ENDPOINT },
    { actor: "ann", reason: "new", origin: "10.0.0.1" },
  );
  await clock.advance(1000);
  await registry.registerService({ name: "s", endpoint: ENDPOINT }, BY);
  await registry.registerService({ name: "s", endpoint: ENDPOINT, labels: { a: "b" } }, BY);
  await registry.registerServer({ name: "q" }, BY);
  await registry.drainServer("p", { actor: "bob", reason: "repair" });
  await registry.unregisterService({ service: ENDPOINT }, { actor: "ann", reason: "old" });
  await registry.unregisterNamespace("default", BY);
  await settle(daemon);
  return daemon;
}

describe("the history", () => {
  test("says who changed what, when, from where and why, the newest first; repeating a registration is no change", async () => {
    const { audit, clock } = await withHistory();
    const isMove = ({ action }: { action: string }): boolean => action === "assignment moved";
    const history = audit.history().filter((entry) => !isMove(entry));
    // One of the two changes of servers moved the one service there is.
    expect(audit.history().filter(isMove)).toMatchObject([
      { detail: expect.stringContaining("from p to q") as string },
    ]);
    expect(history.map(({ action, kind, name, actor }) => `${actor} ${action} ${kind} ${name}`)).toEqual([
      "test unregistered namespace default",
      "ann unregistered service s",
      "bob drained server p",
      "test registered server q",
      "test changed service s",
      "ann registered service s",
      "test registered server p",
    ]);
    expect(history[5]).toMatchObject({
      at: clock.now() - 1000,
      namespace: "default",
      endpoint: ENDPOINT,
      reason: "new",
      origin: "10.0.0.1",
      after: { name: "s", labels: {} },
    });
    expect(history[5]).not.toHaveProperty("before");
    expect(history[4]).toMatchObject({ before: { labels: {} }, after: { labels: { a: "b" } } });
    expect(history[2]).toMatchObject({
      reason: "repair",
      detail: expect.stringMatching(/^[01] of 1 services moved$/) as string,
    });
    expect(history[1]).toMatchObject({ reason: "old", before: { name: "s" } });
    expect(history[0]?.detail).toBe("with 0 services");
  });

  test("can be asked", async () => {
    const { audit, clock } = await withHistory();
    const count = (query: Parameters<typeof audit.history>[0]): number => audit.history(query).length;
    expect(count({ actor: "ann" })).toBe(2);
    expect(count({ kind: "service", name: "s" })).toBe(3);
    expect(count({ endpoint: ENDPOINT, namespace: "default", action: "changed" })).toBe(1);
    expect(count({ since: clock.now(), kind: "service" })).toBe(2);
    expect(count({ until: clock.now() })).toBe(2);
    expect(count({ since: clock.now() }) + 2).toBe(count({}));
    expect(audit.history({ limit: 2 })).toEqual(audit.history().slice(0, 2));
  });

  test("is everybody's, and outlives a daemon", async () => {
    const backend = new MemoryBackend();
    const one = await liveDaemon({ backend });
    await one.registry.registerServer({ name: "p" }, BY);
    await settle(one);
    const two = await liveDaemon({ backend });
    expect(two.audit.history()).toEqual(one.audit.history());
    expect(two.audit.history()).toHaveLength(1);
  });

  test("leaves out what cannot be read", async () => {
    const backend = new MemoryBackend();
    const { audit, clock } = await liveDaemon({ backend });
    for (const key of ["audit/", "audit/000000001-0000aaaaaaa", "audit/zzz"]) backend.plant(key, '{"v":2}');
    await clock.advance(0);
    expect(audit.history()).toEqual([]);
  });
});

describe("the ring", () => {
  test("keeps up with a thousand changes at once, though each write takes its time", async () => {
    const clock = new VirtualClock();
    const backend = new MemoryBackend(() => sleep(clock, 5));
    const { audit } = await newDaemon({ backend, clock, auditLimit: 500 });
    await clock.advance(100);
    for (let index = 0; index < 1000; index++) {
      audit.record({ action: "registered", kind: "server", name: `p${index}`, actor: "test" });
    }
    await clock.advance(5000);
    expect(audit.history({ limit: 1000 }).map(({ name }) => name)).toEqual(
      Array.from({ length: 500 }, (_, index) => `p${999 - index}`),
    );
    expect(audit.lost).toBe(0);
  });

  test("keeps the newest entries", async () => {
    const backend = new MemoryBackend();
    const daemon = await liveDaemon({ backend, auditLimit: 5 });
    for (let index = 0; index < 12; index++) await daemon.registry.registerNamespace({ name: `n${index}` }, BY);
    await settle(daemon);
    const names = daemon.audit.history().map(({ name }) => name);
    expect(names).toEqual(["n11", "n10", "n9", "n8", "n7"]);
    expect([...backend.entries.keys()].filter((key) => key.startsWith("audit/"))).toHaveLength(5);
  });

  test("is cut by several daemons at once without harm", async () => {
    const backend = new MemoryBackend();
    const daemons = [
      await liveDaemon({ backend, auditLimit: 5 }),
      await liveDaemon({ backend, auditLimit: 5 }),
    ] as const;
    const names = Array.from({ length: 10 }, (_, index) => `n${index}`);
    await Promise.all(names.map((name, index) => daemons[index % 2]!.registry.registerNamespace({ name }, BY)));
    await settle(...daemons, ...daemons);
    expect([...backend.entries.keys()].filter((key) => key.startsWith("audit/"))).toHaveLength(5);
    expect(daemons.map(({ audit }) => audit.lost)).toEqual([0, 0]);
  });
});

describe("an entry that cannot be written", () => {
  test("fails no change, is tried again, and then lost, logged and counted", async () => {
    const backend = new MemoryBackend();
    const lost: unknown[] = [];
    const log = { debug: () => {}, info: () => {}, warn: (fields: unknown) => lost.push(fields), error: () => {} };
    const daemon = await liveDaemon({ backend, log });
    backend.refuses = (key) => key.startsWith("audit/");
    await daemon.registry.registerServer({ name: "p" }, BY);
    expect(daemon.catalog.server("p")).toBeDefined();
    await daemon.clock.advance(1000);
    expect(daemon.audit.lost).toBe(0);
    await daemon.clock.advance(2000);
    await daemon.audit.settled();
    expect(daemon.audit.lost).toBe(1);
    expect(lost).toEqual([expect.objectContaining({ action: "registered", kind: "server", name: "p", actor: "test" })]);
  });

  test("is written when the backend takes it again", async () => {
    const backend = new MemoryBackend();
    const daemon = await liveDaemon({ backend });
    backend.refuses = (key) => key.startsWith("audit/");
    await daemon.registry.registerServer({ name: "p" }, BY);
    await daemon.clock.advance(500);
    backend.refuses = () => false;
    await daemon.clock.advance(1000);
    await settle(daemon);
    expect(daemon.audit.history()).toHaveLength(1);
    expect(daemon.audit.lost).toBe(0);
  });
});
