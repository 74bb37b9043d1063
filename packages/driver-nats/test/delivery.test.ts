import { expect, test } from "vitest";
import { deliveryOf, nanoseconds } from "../src/delivery.ts";
import type { Msg } from "nats";

function message(reply: string): Msg {
  return { subject: "s", reply, data: new TextEncoder().encode("\ufeffx"), headers: undefined } as unknown as Msg;
}

test("both forms of the reply subject", () => {
  const expected = { subject: "s", sequence: 7, turn: 3, time: 1_700_000_000_123_456_789n, text: "\ufeffx" };
  const facts = "KV_b.consumer.1.7.3.1700000000123456789.0";
  expect(deliveryOf(message(`$JS.ACK.${facts}`))).toMatchObject(expected);
  expect(deliveryOf(message(`$JS.ACK.domain.account.${facts}.x1y2`))).toMatchObject(expected);
});

test("anything else is no delivery", () => {
  for (const reply of ["", "_INBOX.x", "$JS.ACK.too.short", "$JS.FC.KV_b.consumer.a.b.c.d.e"]) {
    expect(deliveryOf(message(reply))).toBeUndefined();
  }
});

test("times of the server's API are those of its deliveries", () => {
  expect(nanoseconds("2023-11-14T22:13:20.123456789Z")).toBe(1_700_000_000_123_456_789n);
  expect(nanoseconds("2023-11-14T22:13:20.1Z")).toBe(1_700_000_000_100_000_000n);
  expect(nanoseconds("2023-11-14T22:13:20Z")).toBe(1_700_000_000_000_000_000n);
  expect(nanoseconds("2023-11-14T23:13:20.5+01:00")).toBe(1_700_000_000_500_000_000n);
});
