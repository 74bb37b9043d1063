import { assertSame } from "../assert.ts";
import type { CheckTable } from "../check.ts";

const SOON_MS = 2_000;

/** Promise 3: a second daemon sees a write. */
export const secondDaemonChecks = {
  "second daemon: sees every kind of write within two seconds": async (arena) => {
    const [writer, reader] = [await arena.keeper(), await arena.keeper()];
    const recorder = await arena.watch(reader);
    const created = await writer.store.put("service/a", "1");
    await arena.reached(recorder, created, SOON_MS);
    assertSame(recorder.get("service/a"), { value: "1", revision: created }, "after creating");
    const changed = await writer.store.put("service/a", "2", { ifRevision: created });
    await arena.reached(recorder, changed, SOON_MS);
    assertSame(recorder.get("service/a"), { value: "2", revision: changed }, "after changing");
    await arena.reached(recorder, await writer.store.delete("service/a"), SOON_MS);
    assertSame(recorder.get("service/a"), undefined, "after deleting");
  },

  "second daemon: can write with the revision that it saw": async (arena) => {
    const [first, second] = [await arena.keeper(), await arena.keeper()];
    const recorder = await arena.watch(second);
    await arena.reached(recorder, await first.store.put("service/a", "1"));
    const seen = recorder.get("service/a")?.revision ?? 0;
    await second.store.put("service/a", "2", { ifRevision: seen });
  },

  "second daemon: both see one epoch": async (arena) => {
    const pair = [arena.connectKeeper(), arena.connectKeeper()] as const;
    await arena.within(Promise.all(pair.map((driver) => driver.start())), "two start() at once");
    const recorders = [await arena.watch(pair[0]), await arena.watch(pair[1])] as const;
    assertSame(recorders[0].epoch, recorders[1].epoch, "epoch");
  },
} satisfies CheckTable;
