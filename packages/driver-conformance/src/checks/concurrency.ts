import { isDiscoveryError } from "@org/discovery-core";
import type { Arena, Keeper } from "../arena.ts";
import { assertSame, assertThat } from "../assert.ts";
import type { CheckTable } from "../check.ts";
import type { Recorder } from "../recorder.ts";

const KEY = "service/counter";
const RETRY_MS = 5;

/** Compare-and-set between daemons. */
export const concurrencyChecks = {
  "concurrency: of many that create one key, one wins": async (arena) => {
    const pair = [await arena.keeper(), await arena.keeper()] as const;
    const attempts = Array.from({ length: 20 }, (_, index) =>
      pair[index % 2 === 0 ? 0 : 1].store.put(KEY, `by ${index}`, { ifRevision: 0 }),
    );
    const outcomes = await Promise.allSettled(attempts);
    const winners = outcomes.flatMap((outcome, index) => (outcome.status === "fulfilled" ? [index] : []));
    assertSame(winners.length, 1, "daemons that created the key");
    for (const outcome of outcomes) {
      const conflict = outcome.status === "fulfilled" || isDiscoveryError(outcome.reason, "revision_conflict");
      assertThat(
        conflict,
        `a lost race: expected revision_conflict, got ${String(outcome.status === "rejected" ? outcome.reason : outcome.value)}`,
      );
    }
    assertSame((await arena.watch(pair[0])).get(KEY)?.value, `by ${winners[0]}`, "the value written");
  },

  "concurrency: fifty increments by two daemons lose nothing": async (arena) => {
    const pair = [await arena.keeper(), await arena.keeper()] as const;
    const recorders = [await arena.watch(pair[0]), await arena.watch(pair[1])] as const;
    await pair[0].store.put(KEY, "0");
    const increments = Array.from({ length: 50 }, (_, index) => {
      const side = index % 2 === 0 ? 0 : 1;
      return increment(arena, pair[side], recorders[side]);
    });
    await arena.within(Promise.all(increments), "fifty increments", 60_000);
    assertSame((await arena.watch(pair[0])).get(KEY)?.value, "50", "the counter");
  },
} satisfies CheckTable;

async function increment(arena: Arena, driver: Keeper, recorder: Recorder): Promise<void> {
  for (;;) {
    const entry = recorder.get(KEY);
    try {
      if (entry !== undefined) {
        await driver.store.put(KEY, String(Number(entry.value) + 1), { ifRevision: entry.revision });
        return;
      }
    } catch (error) {
      if (!isDiscoveryError(error, "revision_conflict")) throw error;
    }
    await arena.pause(RETRY_MS);
  }
}
