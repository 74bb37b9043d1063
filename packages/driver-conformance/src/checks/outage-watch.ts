import { isDiscoveryError } from "@org/discovery-core";
import type { Keeper } from "../arena.ts";
import { assertSame } from "../assert.ts";
import type { CheckTable } from "../check.ts";
import { Ledger } from "../ledger.ts";

const SETTLE_MS = 300;
const BATCH = 50;

/** Promise 2 across outages: no change is skipped, repeated or out of order. */
export const outageWatchChecks = {
  "watch: goes on after a kill, with what others wrote meanwhile": async (arena) => {
    const [driver, writer] = [await arena.keeper(), await arena.keeper()];
    const recorder = await arena.watch(driver);
    const ledger = new Ledger();
    for (let round = 0; round < 2; round++) {
      await write(ledger, writer, 10);
      await arena.reached(recorder, ledger.last);
      await arena.kill(driver, writer);
      await arena.backend.start();
      // A daemon that connects anew has no back-off to wait for: it writes before the others are back.
      await write(ledger, await arena.keeper(), 20);
      await arena.up(driver, writer);
    }
    await write(ledger, writer, 5);
    await arena.reached(recorder, ledger.last);
    await arena.pause(SETTLE_MS);
    ledger.check(recorder);
    assertSame(new Set(recorder.snapshots.map((snapshot) => snapshot.epoch.id)).size, 1, "epochs seen");
  },

  "watch: goes on after a freeze": async (arena) => {
    const [driver, writer] = [await arena.keeper(), await arena.keeper()];
    const recorder = await arena.watch(driver);
    const ledger = new Ledger();
    await write(ledger, writer, 10);
    await arena.freeze(driver, writer);
    await arena.thaw(driver, writer);
    await write(ledger, writer, 10);
    await arena.reached(recorder, ledger.last);
    await arena.pause(SETTLE_MS);
    ledger.check(recorder);
    assertSame(new Set(recorder.snapshots.map((snapshot) => snapshot.epoch.id)).size, 1, "epochs seen");
  },

  "watch: a gap longer than the backend's history is bridged by a snapshot": async (arena) => {
    const driver = await arena.keeper();
    const recorder = await arena.watch(driver);
    const ledger = new Ledger();
    await write(ledger, driver, 10);
    await arena.kill(driver);
    await arena.backend.start();
    await write(ledger, await arena.keeper(), arena.gap);
    await arena.up(driver);
    await arena.reached(recorder, ledger.last);
    await arena.pause(SETTLE_MS);
    ledger.check(recorder);
  },

  "watch: a snapshot is whole also when a daemon starts after the history was cut": async (arena) => {
    const writer = await arena.keeper();
    const ledger = new Ledger();
    await write(ledger, writer, arena.gap);
    const recorder = await arena.watch(await arena.keeper());
    await write(ledger, writer, 5);
    await arena.reached(recorder, ledger.last);
    ledger.check(recorder);
  },
} satisfies CheckTable;

/** Acknowledged writes, in batches; a link that has just come up may have to be asked twice. */
async function write(ledger: Ledger, driver: Keeper, count: number): Promise<void> {
  for (let begin = 0; begin < count; begin += BATCH) {
    const size = Math.min(BATCH, count - begin);
    const batch = Array.from({ length: size }, (_, index) => put(ledger, driver, begin + index));
    await Promise.all(batch);
  }
}

async function put(ledger: Ledger, driver: Keeper, index: number): Promise<void> {
  const entry = [`service/${index % 40}`, `value ${index}`] as const;
  try {
    await ledger.put(driver.store, entry);
  } catch (error) {
    if (!isDiscoveryError(error, "unavailable")) throw error;
    await ledger.put(driver.store, entry);
  }
}
