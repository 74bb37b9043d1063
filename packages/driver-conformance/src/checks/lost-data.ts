import { isDiscoveryError, type Epoch, type StoreSnapshot } from "@org/discovery-core";
import type { Arena, Keeper } from "../arena.ts";
import { assertFails, assertSame, assertThat } from "../assert.ts";
import type { CheckTable } from "../check.ts";
import { Recorder } from "../recorder.ts";

/** Promise 4: a backend that comes back empty is recognised, and refilled once. */
export const lostDataChecks = {
  "lost data: a return with the data keeps the epoch": async (arena) => {
    const driver = await arena.keeper();
    const recorder = await arena.watch(driver);
    await driver.store.put("service/a", "1");
    await arena.kill(driver);
    await arena.restart(driver);
    await arena.reached(recorder, await driver.store.put("service/b", "1"));
    const late = await arena.watch(await arena.keeper());
    assertSame(late.epoch, recorder.snapshots[0]?.epoch, "epoch after the return");
    assertSame(new Set(recorder.snapshots.map((snapshot) => snapshot.epoch.id)).size, 1, "epochs seen");
  },

  "lost data: an empty return begins a fresh epoch": async (arena) => {
    const lost = await loseEverything(arena);
    for (const recorder of lost.recorders) {
      assertSame(recorder.epoch?.origin, "fresh", "origin of the new epoch");
      assertSame(recorder.values, [], "entries of the new epoch");
    }
    assertSame(lost.recorders[0].epoch, lost.recorders[1].epoch, "epoch seen by both daemons");
  },

  "lost data: of two daemons that restore, one wins, and everything is back": async (arena) => {
    const { pair, recorders, replica, epoch } = await loseEverything(arena);
    const attempts = pair.map((driver) => driver.store.restore(replica, epoch));
    const outcomes = await arena.within(Promise.allSettled(attempts), "two restore() at once");
    const revisions = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    assertSame(revisions.length, 1, "daemons that restored");
    for (const outcome of outcomes) {
      if (outcome.status === "fulfilled") continue;
      assertThat(isDiscoveryError(outcome.reason, "revision_conflict"), `the loser got ${String(outcome.reason)}`);
    }
    const revision = revisions[0] ?? 0;
    assertThat(revision > replica.revision, `restored at ${revision}: expected more than ${replica.revision}`);
    for (const recorder of [...recorders, await arena.watch(await arena.keeper())]) {
      await restored(arena, recorder);
      assertSame(entriesOf(recorder.replica()), entriesOf(replica), "entries after restore()");
      assertThat(recorder.revision >= revision, `snapshot of ${recorder.revision}, restored at ${revision}`);
    }
  },

  "lost data: what was written since is kept": async (arena) => {
    const { pair, recorders, replica, epoch } = await loseEverything(arena);
    const [kept, added] = [replica.entries.keys().next().value ?? "", "service/new"];
    const overwritten = await pair[0].store.put(kept, "newer");
    const created = await pair[1].store.put(added, "new");
    await pair[0].store.restore(replica, epoch);
    const expected = new Map(replica.entries);
    expected.set(kept, { value: "newer", revision: overwritten }).set(added, { value: "new", revision: created });
    for (const recorder of recorders) {
      await restored(arena, recorder);
      assertSame(entriesOf(recorder.replica()), entriesOf({ ...replica, entries: expected }), "entries");
    }
  },

  "lost data: the registry goes on where it was": async (arena) => {
    const { pair, recorders, replica, epoch } = await loseEverything(arena);
    const restoredAt = await pair[0].store.restore(replica, epoch);
    const [key, entry] = [...replica.entries][0] ?? ["", { value: "", revision: 0 }];
    const revision = await pair[1].store.put(key, "on", { ifRevision: entry.revision });
    assertThat(revision > restoredAt, `revision ${revision}: expected more than ${restoredAt}, the restored one`);
    await assertFails(pair[0].store.put(key, "no", { ifRevision: entry.revision }), "revision_conflict", "a stale put");
    for (const recorder of recorders) {
      await arena.reached(recorder, revision);
      assertSame(recorder.get(key), { value: "on", revision }, "the entry written after restore()");
    }
    const beforeKill = entriesOf(recorders[0].replica());
    await arena.kill(...pair);
    await arena.restart(...pair);
    assertSame(entriesOf((await arena.watch(await arena.keeper())).replica()), beforeKill, "entries after a kill");
  },

  "lost data: a backend that is behind what a daemon saw before it was started begins a rewound epoch": async (
    arena,
  ) => {
    const [first, second] = [await arena.keeper(), await arena.keeper()];
    const running = await arena.watch(first);
    await arena.reached(running, await first.store.put("service/a", "1"));
    const { epoch, revision, entries } = running.replica();
    const late = new Recorder();
    await arena.within(second.store.watch(late, { epochId: epoch.id, revision: revision + 3 }), "watch()");
    const isRewound = (recorder: Recorder): boolean => recorder.epoch?.origin === "rewound";
    await arena.until("a rewound epoch", () => isRewound(late) && isRewound(running));
    assertSame(late.epoch, running.epoch, "epoch seen by both daemons");
    const added = new Map(entries).set("service/b", { value: "2", revision: revision + 3 });
    const replica = { epoch, revision: revision + 3, entries: added };
    const restoredAt = await second.store.restore(replica, late.epoch ?? epoch);
    assertThat(restoredAt > replica.revision, `restored at ${restoredAt}: expected more than ${replica.revision}`);
    for (const recorder of [running, late]) {
      await restored(arena, recorder);
      assertSame(entriesOf(recorder.replica()), entriesOf(replica), "entries after restore()");
    }
  },

  "lost data: a daemon that is started again and had seen no more than there is changes nothing": async (arena) => {
    const driver = await arena.keeper();
    const running = await arena.watch(driver);
    const { epoch, revision: none } = running.replica();
    const revision = await driver.store.put("service/a", "1");
    await arena.reached(running, revision);
    const positions = [
      { epochId: epoch.id, revision },
      { epochId: epoch.id, revision: none },
      { epochId: "another", revision: revision + 3 },
    ];
    for (const position of positions) {
      const late = new Recorder();
      await arena.within((await arena.keeper()).store.watch(late, position), "watch()");
      await arena.until("the first snapshot", () => late.snapshots.length > 0);
      assertSame(late.replica(), running.replica(), `what a watcher from ${JSON.stringify(position)} is told`);
    }
    assertSame(running.snapshots.length, 1, "snapshots that the running watcher got");
  },

  "lost data: a restore of another epoch, or of one that lost nothing, is refused": async (arena) => {
    const { pair, replica, epoch } = await loseEverything(arena);
    const { store } = pair[0];
    await assertFails(store.restore(replica, replica.epoch), "revision_conflict", "restore() into the former epoch");
    await store.restore(replica, epoch);
    await assertFails(store.restore(replica, epoch), "revision_conflict", "a second restore()");
    await store.wipe();
    const wiped = (await arena.watch(pair[0])).replica();
    await assertFails(store.restore(replica, wiped.epoch), "revision_conflict", "restore() into a wiped epoch");
  },
} satisfies CheckTable;

interface Loss {
  readonly pair: readonly [Keeper, Keeper];
  readonly recorders: readonly [Recorder, Recorder];
  /** What both daemons had seen before. */
  readonly replica: StoreSnapshot;
  /** The fresh epoch. */
  readonly epoch: Epoch;
}

/** Two daemons with a registry of eight entries, whose backend came back empty. */
async function loseEverything(arena: Arena): Promise<Loss> {
  const pair = [await arena.keeper(), await arena.keeper()] as const;
  const recorders = [await arena.watch(pair[0]), await arena.watch(pair[1])] as const;
  for (let index = 0; index < 10; index++) await pair[0].store.put(`service/${index}`, `value ${index}`);
  await pair[0].store.delete("service/0");
  const last = await pair[1].store.delete("service/1");
  for (const recorder of recorders) await arena.reached(recorder, last);
  const replica = recorders[0].replica();
  await arena.kill(...pair);
  await arena.backend.start({ empty: true });
  await arena.up(...pair);
  const isOver = (recorder: Recorder): boolean => recorder.epoch?.id !== replica.epoch.id;
  await arena.until("the snapshot of another epoch", () => recorders.every(isOver));
  const epoch = recorders[0].epoch ?? replica.epoch;
  return { pair, recorders, replica, epoch };
}

async function restored(arena: Arena, recorder: Recorder): Promise<void> {
  await arena.until("a restored snapshot", () => recorder.epoch?.origin === "restored");
}

function entriesOf(snapshot: StoreSnapshot): unknown[] {
  return [...snapshot.entries].toSorted(([left], [right]) => (left < right ? -1 : 1));
}
