import { assertFails, assertSame, assertThat } from "../assert.ts";
import type { CheckTable } from "../check.ts";
import { Listener } from "../listener.ts";

const CHANNEL = "lobby.discovery";
const AT_ONCE_MS = 250;
const SOON_MS = 1_000;

/** Promise 5: anything may be down at start. */
export const startChecks = {
  "start: waits for a backend that is down, then everything works": async (arena) => {
    await arena.backend.kill();
    const driver = arena.connect();
    const listener = await arena.within(Listener.on(driver.bus, CHANNEL), "subscribe() before start()", AT_ONCE_MS);
    let settled = false;
    const starting = driver.start().finally(() => {
      settled = true;
    });
    const started = arena.later(starting);
    await arena.pause(SOON_MS);
    assertThat(!settled, "start() settled although the backend is down");
    assertSame(driver.link.state, "down", "state while the backend is down");
    await arena.until("the reason why the link is down", () => driver.link.lastError instanceof Error);
    await assertFails(driver.bus.publish(CHANNEL, "early"), "unavailable", "publish() while down");
    await arena.backend.start();
    await arena.started(started);
    assertSame(driver.link.state, "up", "state after start()");
    await driver.bus.publish(CHANNEL, "on time");
    await arena.until("the message", () => listener.heard.length > 0);
    assertSame(listener.heard, ["on time"], "heard");
  },

  "start: an aborted signal rejects it": async (arena) => {
    await arena.backend.kill();
    const driver = arena.connect();
    const abort = new AbortController();
    const failure = rejection(driver.start(abort.signal));
    await arena.pause(AT_ONCE_MS);
    abort.abort(new Error("enough"));
    assertThat((await arena.within(failure, "start() after abort", SOON_MS)) !== undefined, "start() resolved");
  },

  "start: a signal that was aborted before rejects it": async (arena) => {
    const failure = rejection(arena.connect().start(AbortSignal.abort(new Error("enough"))));
    assertThat((await arena.within(failure, "start() when aborted", SOON_MS)) !== undefined, "start() resolved");
  },

  "start: closing the driver rejects it": async (arena) => {
    await arena.backend.kill();
    const driver = arena.connect();
    const failure = rejection(driver.start());
    await arena.pause(AT_ONCE_MS);
    await arena.within(driver.close(), "close() during start()", SOON_MS);
    assertThat((await arena.within(failure, "start() after close()", SOON_MS)) !== undefined, "start() resolved");
  },
} satisfies CheckTable;

/** What the promise rejects with; undefined if it resolves. */
async function rejection(promise: Promise<void>): Promise<unknown> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return error ?? new Error("rejected with nothing");
  }
}
