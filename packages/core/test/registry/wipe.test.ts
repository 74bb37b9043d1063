import { expect, test } from "vitest";
import { VirtualClock } from "../../src/virtual-clock.ts";
import { MemoryBackend } from "./memory-backend.ts";
import { BY, liveDaemon, newDaemon } from "./registry-fixture.ts";

test("a wipe empties every daemon, begins a new epoch, and is the first entry of the new history", async () => {
  const backend = new MemoryBackend();
  const clock = new VirtualClock();
  const [one, two] = [await liveDaemon({ backend, clock }), await liveDaemon({ backend, clock, instance: "two" })];
  await one.registry.registerServer({ name: "p1" }, BY);
  await one.registry.registerService({ name: "a", endpoint: "http://a" }, BY);
  backend.plant("service/default/corrupt", "{");
  await one.audit.settled();
  const old = one.replica.epoch?.id;
  const entries = backend.entries.size;

  const wiped = await one.registry.wipe({ actor: "root", reason: "moving house" });
  expect(wiped).toMatchObject({ removed: entries, before: { id: old }, epoch: { origin: "wiped" } });
  expect(wiped.epoch?.id).not.toBe(old);
  await one.audit.settled();
  await clock.advance(10_000);
  for (const { catalog, replica, audit } of [one, two]) {
    expect([catalog.servers(), catalog.stored(), catalog.problems()]).toEqual([[], [], []]);
    expect(replica.epoch).toEqual(wiped.epoch);
    expect(audit.history()).toMatchObject([{ action: "wiped", actor: "root", reason: "moving house" }]);
    expect(audit.history()[0]?.detail).toContain(`epoch ${old} is over, ${wiped.epoch?.id} began`);
  }
  expect([...backend.entries.keys()].every((key) => key.startsWith("audit/"))).toBe(true);
});

test("nobody wipes what was never read, and a backend that is down keeps everything", async () => {
  const backend = new MemoryBackend();
  const daemon = await newDaemon({ backend });
  await expect(daemon.registry.wipe(BY)).rejects.toMatchObject({ code: "unavailable" });
  await daemon.clock.advance(0);
  await daemon.registry.registerServer({ name: "p1" }, BY);
  await daemon.audit.settled();
  backend.down = true;
  await expect(daemon.registry.wipe(BY)).rejects.toMatchObject({ code: "unavailable" });
  expect(daemon.catalog.servers()).toHaveLength(1);
  expect(backend.entries.has("server/p1")).toBe(true);
});
