import { assertSame, assertThat } from "../assert.ts";
import type { CheckTable } from "../check.ts";

/** Promise 4, the other half: emptied on purpose. */
export const wipeChecks = {
  "wipe: everything goes, the epoch says so, the revision keeps rising": async (arena) => {
    const pair = [await arena.keeper(), await arena.keeper()] as const;
    const recorders = [await arena.watch(pair[0]), await arena.watch(pair[1])] as const;
    await pair[0].store.put("service/a", "1");
    const last = await pair[1].store.put("service/b", "1");
    for (const recorder of recorders) await arena.reached(recorder, last);
    const before = recorders[0].epoch?.id;
    const revision = await pair[0].store.wipe();
    assertThat(revision > last, `wiped at revision ${revision}: expected more than ${last}`);
    for (const recorder of [...recorders, await arena.watch(await arena.keeper())]) {
      await arena.until("a wiped snapshot", () => recorder.epoch?.origin === "wiped");
      assertSame(recorder.values, [], "entries");
      assertThat(recorder.epoch?.id !== before, "wipe() did not begin a new epoch");
    }
    const next = await pair[1].store.put("service/a", "2", { ifRevision: 0 });
    assertThat(next > revision, `revision ${next} after the wipe: expected more than ${revision}`);
    for (const recorder of recorders) await arena.reached(recorder, next);
    assertSame(recorders[0].values, [["service/a", "2"]], "entries after the wipe");
  },

  "wipe: survives a kill": async (arena) => {
    const driver = await arena.keeper();
    await driver.store.put("service/a", "1");
    const revision = await driver.store.wipe();
    await arena.kill(driver);
    await arena.restart(driver);
    const recorder = await arena.watch(await arena.keeper());
    assertSame([recorder.values, recorder.epoch?.origin], [[], "wiped"], "the store after the kill");
    assertThat(recorder.revision >= revision, `revision ${recorder.revision}: expected at least ${revision}`);
  },
} satisfies CheckTable;
