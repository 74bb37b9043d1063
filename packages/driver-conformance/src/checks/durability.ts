import { isDiscoveryError } from "@org/discovery-core";
import type { Arena, Keeper } from "../arena.ts";
import { assertSame, assertThat } from "../assert.ts";
import type { CheckTable } from "../check.ts";

type Outcome = "written" | "unavailable" | "outcome_unknown";

/** Promise 1: a write is acknowledged once the backend has it, and what went wrong is said as it is. */
export const durabilityChecks = {
  "durability: what was acknowledged survives a kill": async (arena) => {
    const driver = await arena.keeper();
    for (let index = 0; index < 20; index++) await driver.store.put(`service/${index}`, `value ${index}`);
    await driver.store.delete("service/0");
    const last = await driver.store.put("service/1", "changed");
    await arena.kill(driver);
    await arena.restart(driver);
    const recorder = await arena.watch(await arena.keeper());
    const expected = Array.from({ length: 19 }, (_, index) => [`service/${index + 1}`, `value ${index + 1}`]);
    expected[0] = ["service/1", "changed"];
    assertSame(new Map(recorder.values).size, 19, "entries after the kill");
    for (const [key = "", value] of expected) assertSame(recorder.get(key)?.value, value, key);
    assertSame(recorder.get("service/1")?.revision, last, "revision of an entry after the kill");
    assertThat((await driver.store.put("service/2", "x")) > last, "a revision was given twice");
  },

  "durability: a write in flight during a kill is written, refused or unknown": async (arena) => {
    const driver = await arena.keeper();
    const writes = Array.from({ length: 200 }, (_, index) => arena.later(attempt(driver, `service/${index}`)));
    await writes[0];
    await arena.backend.kill();
    const outcomes = await arena.within(Promise.all(writes), "the writes in flight");
    await arena.down(driver);
    await arena.restart(driver);
    await checkOutcomes(arena, outcomes);
  },

  "durability: a write in flight during a freeze is written, refused or unknown": async (arena) => {
    const driver = await arena.keeper();
    await arena.backend.freeze?.();
    const writes = Array.from({ length: 50 }, (_, index) => arena.later(attempt(driver, `service/${index}`)));
    await arena.down(driver);
    const outcomes = await arena.within(Promise.all(writes), "the writes into a frozen backend");
    await arena.thaw(driver);
    await arena.pause(500);
    await checkOutcomes(arena, outcomes);
  },
} satisfies CheckTable;

async function attempt(driver: Keeper, key: string): Promise<Outcome> {
  try {
    await driver.store.put(key, key);
    return "written";
  } catch (error) {
    if (isDiscoveryError(error, "unavailable")) return "unavailable";
    if (isDiscoveryError(error, "outcome_unknown")) return "outcome_unknown";
    throw error;
  }
}

async function checkOutcomes(arena: Arena, outcomes: readonly Outcome[]): Promise<void> {
  const recorder = await arena.watch(await arena.keeper());
  for (const [index, outcome] of outcomes.entries()) {
    const isThere = recorder.get(`service/${index}`) !== undefined;
    assertThat(outcome !== "written" || isThere, `write ${index} was acknowledged and is lost`);
    assertThat(outcome !== "unavailable" || !isThere, `write ${index} failed as "not written" and was written`);
  }
}
