import { assertSame } from "../assert.ts";
import type { CheckTable } from "../check.ts";
import { Ledger } from "../ledger.ts";
import { Recorder } from "../recorder.ts";

const SETTLE_MS = 200;

/** Promise 2: a snapshot, then every change once and in order. */
export const watchChecks = {
  "watch: an empty store gives an empty snapshot of a fresh epoch": async (arena) => {
    const recorder = await arena.watch(await arena.keeper());
    await arena.pause(SETTLE_MS);
    assertSame(recorder.values, [], "entries");
    assertSame(recorder.epoch?.origin, "fresh", "origin of the epoch");
    assertSame(recorder.events.length, 1, "calls");
  },

  "watch: a snapshot, then the changes of every daemon once and in order": async (arena) => {
    const pair = [await arena.keeper(), await arena.keeper()] as const;
    const ledger = new Ledger();
    await ledger.put(pair[0].store, ["service/before", "1"]);
    const recorders = [await arena.watch(pair[0]), await arena.watch(pair[1])];
    for (let index = 0; index < 40; index++) {
      const { store } = pair[index % 2 === 0 ? 0 : 1];
      await ledger.put(store, [`service/${index % 7}`, `value ${index}`]);
      if (index % 5 === 4) await ledger.delete(store, `service/${index % 7}`);
    }
    for (const recorder of recorders) await arena.reached(recorder, ledger.last);
    await arena.pause(SETTLE_MS);
    for (const recorder of recorders) {
      ledger.check(recorder);
      assertSame(recorder.snapshots.length, 1, "snapshots");
    }
  },

  "watch: beginning amid writes misses none": async (arena) => {
    const pair = [await arena.keeper(), await arena.keeper()] as const;
    const ledger = new Ledger();
    const put = (side: 0 | 1, index: number): Promise<number> =>
      ledger.put(pair[side].store, [`service/${side}/${index % 10}`, `value ${index}`]);
    const writeAll = async (side: 0 | 1): Promise<void> => {
      for (let index = 0; index < 100; index++) await put(side, index);
    };
    const writing = [arena.later(writeAll(0)), arena.later(writeAll(1))];
    const recorders = [await arena.watch(pair[0])];
    for (let late = 0; late < 5; late++) {
      recorders.push(await arena.watch(pair[late % 2 === 0 ? 0 : 1]));
      await arena.pause(5);
    }
    await Promise.all(writing);
    for (const recorder of recorders) await arena.reached(recorder, ledger.last);
    await arena.pause(SETTLE_MS);
    for (const recorder of recorders) ledger.check(recorder);
  },

  "watch: a daemon that starts amid writes is told nothing but whole states": async (arena) => {
    const writer = await arena.keeper();
    const ledger = new Ledger();
    let isOver = false;
    // Few keys, so that what a daemon begins to read is replaced again and again before it has read it.
    const write = async (who: number): Promise<void> => {
      for (let index = 0; !isOver; index++) {
        await ledger.put(writer.store, [`service/${who}/${index % 4}`, `value ${index}`]);
      }
    };
    const writing = [0, 1, 2, 3].map((who) => arena.later(write(who)));
    const recorders: Recorder[] = [];
    for (let late = 0; late < 10; late++) recorders.push(await arena.watch(await arena.keeper()));
    isOver = true;
    await Promise.all(writing);
    for (const recorder of recorders) await arena.reached(recorder, ledger.last);
    await arena.pause(SETTLE_MS);
    for (const recorder of recorders) ledger.check(recorder);
  },

  "watch: a late watcher gets everything in its snapshot": async (arena) => {
    const driver = await arena.keeper();
    const ledger = new Ledger();
    const early = await arena.watch(driver);
    for (let index = 0; index < 30; index++) await ledger.put(driver.store, [`service/${index % 20}`, `v${index}`]);
    const late = await arena.watch(driver);
    await arena.reached(early, ledger.last);
    await arena.pause(SETTLE_MS);
    for (const recorder of [early, late]) ledger.check(recorder);
    assertSame([late.snapshots.length, late.changes.length], [1, 0], "snapshots and changes of the late watcher");
    assertSame(late.epoch?.id, early.epoch?.id, "epoch");
  },

  "watch: a cancelled watcher is told nothing more, others go on": async (arena) => {
    const driver = await arena.keeper();
    const [stays, goes] = [await arena.watch(driver), new Recorder()];
    const cancel = await driver.store.watch(goes);
    await arena.reached(goes, await driver.store.put("service/a", "1"));
    cancel();
    cancel();
    const told = goes.events.length;
    await arena.reached(stays, await driver.store.put("service/b", "1"));
    await arena.pause(SETTLE_MS);
    assertSame(goes.events.length, told, "calls to the cancelled watcher");
  },
} satisfies CheckTable;
