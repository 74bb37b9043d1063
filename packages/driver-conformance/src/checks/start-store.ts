import { assertFails, assertSame } from "../assert.ts";
import type { CheckTable } from "../check.ts";
import { Recorder } from "../recorder.ts";

const AT_ONCE_MS = 250;

/** Promise 5, for the store. */
export const startStoreChecks = {
  "start: a watcher registered while the backend is down sees everything once it is there": async (arena) => {
    const writer = await arena.keeper();
    const revision = await writer.store.put("service/a", "1");
    await arena.kill(writer);
    const driver = arena.connectKeeper();
    const recorder = new Recorder();
    await arena.within(driver.store.watch(recorder), "watch() while down", AT_ONCE_MS);
    const started = arena.later(driver.start());
    await arena.within(
      assertFails(driver.store.put("service/b", "1"), "unavailable", "put() before the first connection"),
      "put() before the first connection",
    );
    assertSame(recorder.events, [], "what the watcher was told while the backend was down");
    await arena.backend.start();
    await arena.started(started);
    await arena.reached(recorder, revision);
    assertSame(recorder.values, [["service/a", "1"]], "what the watcher sees");
    await arena.reached(recorder, await driver.store.put("service/b", "2"));
    assertSame(recorder.get("service/b")?.value, "2", "what the watcher sees");
    assertSame(recorder.snapshots.length, 1, "snapshots");
  },
} satisfies CheckTable;
