import { assertSame } from "../assert.ts";
import type { CheckTable } from "../check.ts";
import { Listener } from "../listener.ts";

const CHANNEL = "lobby.discovery";
const SETTLE_MS = 200;

const AWKWARD = [
  "",
  " ",
  "ёлка",
  "👩‍👩‍👧‍👦 \u{1F1EB}\u{1F1EE}",
  "before\u0000after",
  "line\r\nline\nPING\r\n",
  '{"discovery":{"hostname":"a\\"b"},"message":"hi"}',
  "\u2028\u2029\ufeff\uffff",
  "__proto__",
  "'; DROP TABLE entry; --",
];

/** What every bus does while the link is up. */
export const busChecks = {
  "bus: every daemon hears a message, the publisher too": async (arena) => {
    const [first, second] = [await arena.daemon(), await arena.daemon()];
    const listeners = [await Listener.on(first.bus, CHANNEL), await Listener.on(second.bus, CHANNEL)];
    await first.bus.publish(CHANNEL, "one");
    await arena.until("both to hear it", () => listeners.every((listener) => listener.heard.length > 0));
    await arena.pause(SETTLE_MS);
    for (const listener of listeners) assertSame(listener.heard, ["one"], "heard");
  },

  "bus: messages keep their order": async (arena) => {
    const [first, second] = [await arena.daemon(), await arena.daemon()];
    const listeners = [await Listener.on(first.bus, CHANNEL), await Listener.on(second.bus, CHANNEL)];
    const messages = Array.from({ length: 1000 }, (_, index) => `message ${index}`);
    await Promise.all(messages.map((message) => first.bus.publish(CHANNEL, message)));
    await arena.until("all messages", () => listeners.every((listener) => listener.heard.length >= messages.length));
    for (const listener of listeners) assertSame(listener.heard, messages, "heard");
  },

  "bus: two subscriptions of one daemon both hear, a cancelled one no more": async (arena) => {
    const driver = await arena.daemon();
    const [stays, goes] = [await Listener.on(driver.bus, CHANNEL), await Listener.on(driver.bus, CHANNEL)];
    await driver.bus.publish(CHANNEL, "one");
    await arena.until("both to hear it", () => stays.heard.length > 0 && goes.heard.length > 0);
    goes.cancel();
    goes.cancel();
    await driver.bus.publish(CHANNEL, "two");
    await arena.until("the other to hear on", () => stays.heard.length > 1);
    await arena.pause(SETTLE_MS);
    assertSame([stays.heard, goes.heard], [["one", "two"], ["one"]], "heard");
  },

  "bus: a channel can be subscribed to again": async (arena) => {
    const [first, second] = [await arena.daemon(), await arena.daemon()];
    const before = await Listener.on(first.bus, CHANNEL);
    before.cancel();
    const after = await Listener.on(first.bus, CHANNEL);
    await second.bus.publish(CHANNEL, "one");
    await arena.until("it to be heard", () => after.heard.length > 0);
    assertSame([before.heard, after.heard], [[], ["one"]], "heard");
  },

  "bus: channels are apart": async (arena) => {
    const [first, second] = [await arena.daemon(), await arena.daemon()];
    const channels = [CHANNEL, `${CHANNEL}.ext`, "lobby", "lobby:discovery", "Lobby.Discovery"];
    const listeners = await Promise.all(channels.map((channel) => Listener.on(second.bus, channel)));
    for (const channel of channels) await first.bus.publish(channel, `for ${channel}`);
    await arena.until("all messages", () => listeners.every((listener) => listener.heard.length > 0));
    await arena.pause(SETTLE_MS);
    const expected = channels.map((channel) => [`for ${channel}`]);
    assertSame(
      listeners.map((listener) => listener.heard),
      expected,
      "heard",
    );
  },

  "bus: a message of 200 KiB arrives whole": async (arena) => {
    const [first, second] = [await arena.daemon(), await arena.daemon()];
    const listener = await Listener.on(second.bus, CHANNEL);
    const message = "0123456789abcdef".repeat((200 * 1024) / 16);
    await first.bus.publish(CHANNEL, message);
    await arena.until("it to be heard", () => listener.heard.length > 0);
    assertSame(listener.heard, [message], "heard");
  },

  "bus: any text arrives as it was sent": async (arena) => {
    const [first, second] = [await arena.daemon(), await arena.daemon()];
    const listener = await Listener.on(second.bus, CHANNEL);
    for (const message of AWKWARD) await first.bus.publish(CHANNEL, message);
    await arena.until("all messages", () => listener.heard.length >= AWKWARD.length);
    assertSame(listener.heard, AWKWARD, "heard");
  },
} satisfies CheckTable;
