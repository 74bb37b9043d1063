import { assertFails, assertSame } from "../assert.ts";
import { isKeeper } from "../arena.ts";
import type { CheckTable } from "../check.ts";
import { Listener } from "../listener.ts";
import { Recorder } from "../recorder.ts";

const CHANNEL = "lobby.discovery";
const SOON_MS = 1_000;
const SETTLE_MS = 300;

/** What closing leaves behind: nothing. */
export const closeChecks = {
  "close: is idempotent, and nothing is told afterwards": async (arena) => {
    const [closing, other] = [await arena.daemon(), await arena.daemon()];
    const listener = await Listener.on(closing.bus, CHANNEL);
    const recorder = isKeeper(closing) ? await arena.watch(closing) : new Recorder();
    await arena.pause(SETTLE_MS);
    const toldBefore = recorder.events.length;
    await Promise.all([closing.close(), closing.close()]);
    await closing.close();
    assertSame(closing.link.state, "down", "state after close()");
    await other.bus.publish(CHANNEL, "too late");
    if (isKeeper(other)) await other.store.put("service/late", "1");
    await arena.pause(SETTLE_MS);
    assertSame([listener.heard, recorder.events.length], [[], toldBefore], "told after close()");
  },

  "close: afterwards writes and messages fail as unavailable": async (arena) => {
    const driver = await arena.daemon();
    await driver.close();
    await assertFails(driver.bus.publish(CHANNEL, "x"), "unavailable", "publish() after close()");
    if (isKeeper(driver)) await assertFails(driver.store.put("a", "1"), "unavailable", "put() after close()");
  },

  "close: one daemon's end leaves the others alone": async (arena) => {
    const [closing, other] = [await arena.daemon(), await arena.daemon()];
    const listener = await Listener.on(other.bus, CHANNEL);
    await closing.close();
    await other.bus.publish(CHANNEL, "still here");
    await arena.until("the message", () => listener.heard.length > 0);
    assertSame(other.link.state, "up", "state of the other daemon");
  },

  "close: is fast while the backend is down": async (arena) => {
    const driver = await arena.daemon();
    await Listener.on(driver.bus, CHANNEL);
    await arena.kill(driver);
    await arena.within(driver.close(), "close() while down", SOON_MS);
  },

  "close: is fast while the backend is frozen": async (arena) => {
    const driver = await arena.daemon();
    await Listener.on(driver.bus, CHANNEL);
    await arena.freeze(driver);
    await arena.within(driver.close(), "close() while frozen", SOON_MS);
  },

  "close: works on a driver that was never started": async (arena) => {
    const driver = arena.connect();
    await arena.within(driver.close(), "close() before start()", SOON_MS);
    await arena.within(driver.close(), "the second close()", SOON_MS);
  },
} satisfies CheckTable;
