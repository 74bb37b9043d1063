import { expect, test } from "vitest";
import { sleep } from "../../src/clock.ts";
import type { Store, StoreSnapshot } from "../../src/driver/store.ts";
import type { Log } from "../../src/log.ts";
import { Replica, type ReplicaOptions } from "../../src/registry/replica.ts";
import { VirtualClock } from "../../src/virtual-clock.ts";
import { MemoryBackend } from "./memory-backend.ts";

const SETTLE_MS = 2000;
const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

async function follow(
  backend: MemoryBackend,
  options: Partial<ReplicaOptions> & { readonly clock?: VirtualClock } = {},
): Promise<{ readonly clock: VirtualClock; readonly replica: Replica }> {
  const { clock = new VirtualClock(), ...rest } = options;
  const replica = new Replica({ clock, log: SILENT, store: backend.connect(), settleMs: SETTLE_MS, ...rest });
  await replica.start();
  await clock.advance(0);
  return { clock, replica };
}

/** As a daemon saved it that knew another life of the backend. */
function savedWith(...keys: readonly string[]): StoreSnapshot {
  const entries = new Map(keys.map((key, index) => [key, { value: key, revision: index + 1 }]));
  return { epoch: { id: "before", origin: "fresh", base: 0 }, revision: keys.length, entries };
}

const keysOf = ({ entries }: Pick<Replica, "entries">): string[] => [...entries.keys()].toSorted();

test("with nothing of its own it believes a new backend after a while, with what was written there meanwhile", async () => {
  const backend = new MemoryBackend();
  const { clock, replica } = await follow(backend);
  expect([replica.live, replica.settling]).toEqual([false, true]);
  backend.plant("server/a", "a");
  await clock.advance(SETTLE_MS - 1);
  expect([replica.live, keysOf(replica)]).toEqual([false, []]);
  await clock.advance(1);
  expect([replica.live, replica.settling, keysOf(replica)]).toEqual([true, false, ["server/a"]]);
});

test("while it settles, what another daemon writes back is believed at once", async () => {
  const backend = new MemoryBackend();
  const clock = new VirtualClock();
  const { replica } = await follow(backend, { clock });
  await clock.advance(SETTLE_MS / 4);
  const other = await follow(backend, { clock, saved: savedWith("server/a", "server/b") });
  await clock.advance(SETTLE_MS / 2);
  for (const each of [replica, other.replica]) {
    expect([each.live, each.epoch?.origin, keysOf(each)]).toEqual([true, "restored", ["server/a", "server/b"]]);
  }
  await clock.advance(SETTLE_MS);
  expect(keysOf(replica)).toEqual(["server/a", "server/b"]);
});

test("a backend that went back while no daemon ran is refilled from what was saved", async () => {
  const backend = new MemoryBackend();
  await backend.connect().put("server/a", "a");
  const { replica: before } = await follow(backend, { settleMs: 0 });
  const known = before.snapshot();
  if (known === undefined) throw new Error("not read");
  before.stop();
  const entries = new Map(known.entries).set("server/b", { value: "b", revision: known.revision + 1 });
  const { clock, replica } = await follow(backend, { saved: { ...known, revision: known.revision + 1, entries } });
  await clock.advance(SETTLE_MS / 2);
  expect([replica.live, replica.epoch?.origin, keysOf(replica)]).toEqual([true, "restored", ["server/a", "server/b"]]);
  expect(keysOf(backend)).toEqual(["server/a", "server/b"]);
});

test("a deliberate wipe is believed at once, whatever was saved", async () => {
  const backend = new MemoryBackend();
  await backend.connect().wipe();
  const { replica } = await follow(backend, { saved: savedWith("server/a") });
  expect([replica.live, replica.epoch?.origin, keysOf(replica)]).toEqual([true, "wiped", []]);
  expect(keysOf(backend)).toEqual([]);
});

test("writing itself back is tried until it is done; it is shown throughout", async () => {
  const backend = new MemoryBackend();
  backend.down = true;
  const { clock, replica } = await follow(backend, { saved: savedWith("server/a") });
  expect(replica.refillFailure).toBeUndefined();
  await clock.advance(5000);
  expect([replica.live, keysOf(replica), keysOf(backend)]).toEqual([false, ["server/a"], []]);
  expect(replica.refillFailure?.message).toBe("the backend is down");
  backend.down = false;
  await clock.advance(30_000);
  expect([replica.live, keysOf(replica), keysOf(backend)]).toEqual([true, ["server/a"], ["server/a"]]);
  expect(replica.refillFailure).toBeUndefined();
  expect(clock.pending).toBe(0);
});

test("a backend that stays unable is tried less and less often", async () => {
  const backend = new MemoryBackend();
  backend.down = true;
  const warnings: unknown[] = [];
  const log = { ...SILENT, warn: (fields: unknown) => void warnings.push(fields) };
  const { clock } = await follow(backend, { log, saved: savedWith("server/a") });
  await clock.advance(60_000);
  expect(warnings.length).toBe(6);
  await clock.advance(600_000);
  expect(warnings.length).toBe(26);
});

test("who saw the loss writes back before one that has only what it saved", async () => {
  const backend = new MemoryBackend();
  const clock = new VirtualClock();
  const store = backend.connect();
  const slow = {
    ...store,
    restore: (...args: Parameters<Store["restore"]>) => after500ms(() => store.restore(...args)),
  };
  const after500ms = async <T>(act: () => Promise<T>): Promise<T> => {
    await sleep(clock, 500);
    return act();
  };
  const { replica: witness } = await follow(backend, { clock, settleMs: 0, store: slow });
  await witness.put("server/new", "new");
  backend.loseData();
  const stale = await follow(backend, { clock, saved: savedWith("server/old") });
  await clock.advance(SETTLE_MS);
  for (const each of [witness, stale.replica]) {
    expect([each.epoch?.origin, keysOf(each)]).toEqual(["restored", ["server/new"]]);
  }
});

test("what others wrote since the loss is kept beside what is written back", async () => {
  const backend = new MemoryBackend();
  backend.plant("server/new", "new");
  const { clock, replica } = await follow(backend, { saved: savedWith("server/a") });
  await clock.advance(SETTLE_MS / 2);
  expect(keysOf(replica)).toEqual(["server/a", "server/new"]);
});

test("stopped while it is writing itself back, it leaves no timer", async () => {
  const backend = new MemoryBackend();
  backend.down = true;
  let fail = (): void => {};
  const isFailing = new Promise<void>((resolve) => (fail = resolve));
  const store = backend.connect();
  const { clock, replica } = await follow(backend, {
    saved: savedWith("server/a"),
    settleMs: 0,
    store: { ...store, restore: (...args) => isFailing.then(() => store.restore(...args)) },
  });
  replica.stop();
  fail();
  await clock.advance(0);
  expect(clock.pending).toBe(0);
});
