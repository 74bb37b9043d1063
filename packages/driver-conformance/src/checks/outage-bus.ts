import type { Driver } from "@org/discovery-core";
import type { Arena } from "../arena.ts";
import { assertFails, assertSame } from "../assert.ts";
import type { CheckTable } from "../check.ts";
import { Listener } from "../listener.ts";

const CHANNEL = "lobby.discovery";
const AT_ONCE_MS = 250;
const SETTLE_MS = 200;

/** What a bus does when its backend goes away and returns. */
export const outageBusChecks = {
  "bus: subscriptions survive a kill": async (arena) => {
    const pair = [await arena.daemon(), await arena.daemon()] as const;
    const listeners = await listenAll(pair);
    await arena.kill(...pair);
    await arena.restart(...pair);
    await hearAgain(arena, pair, listeners);
  },

  "bus: subscriptions survive a freeze": async (arena) => {
    const pair = [await arena.daemon(), await arena.daemon()] as const;
    const listeners = await listenAll(pair);
    await arena.freeze(...pair);
    await arena.thaw(...pair);
    await hearAgain(arena, pair, listeners);
  },

  "bus: a subscription made while down hears once the link is up, a cancelled one does not": async (arena) => {
    const pair = [await arena.daemon(), await arena.daemon()] as const;
    const before = await listenAll(pair);
    await arena.kill(...pair);
    for (const listener of before) listener.cancel();
    const during = await arena.within(listenAll(pair), "subscribe() while down", AT_ONCE_MS);
    await arena.restart(...pair);
    await hearAgain(arena, pair, during);
    assertSame(
      before.map((listener) => listener.heard),
      [[], []],
      "heard by cancelled subscriptions",
    );
  },

  "bus: publishing while down fails at once, and nothing is sent later": async (arena) => {
    const pair = [await arena.daemon(), await arena.daemon()] as const;
    const listeners = await listenAll(pair);
    await arena.kill(...pair);
    const publishing = assertFails(pair[0].bus.publish(CHANNEL, "late"), "unavailable", "publish() while down");
    await arena.within(publishing, "publish() while down", AT_ONCE_MS);
    await arena.restart(...pair);
    await hearAgain(arena, pair, listeners);
  },
} satisfies CheckTable;

type Pair = readonly [Driver, Driver];

function listenAll(pair: Pair): Promise<Listener[]> {
  return Promise.all(pair.map((driver) => Listener.on(driver.bus, CHANNEL)));
}

/** As soon as the links are up, everybody hears everybody, once, and nothing else. */
async function hearAgain(arena: Arena, pair: Pair, listeners: readonly Listener[]): Promise<void> {
  for (const listener of listeners) listener.heard.length = 0;
  await pair[0].bus.publish(CHANNEL, "again");
  await arena.until("the first message", () => listeners.every((listener) => listener.heard.length > 0));
  await pair[1].bus.publish(CHANNEL, "and again");
  await arena.until("the second message", () => listeners.every((listener) => listener.heard.length > 1));
  await arena.pause(SETTLE_MS);
  for (const listener of listeners) assertSame(listener.heard, ["again", "and again"], "heard after the outage");
}
