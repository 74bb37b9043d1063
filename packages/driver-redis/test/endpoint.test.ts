import fc from "fast-check";
import { expect, test } from "vitest";
import { parseEndpoint, rotated } from "../src/endpoint.ts";

const port = fc.integer({ min: 1, max: 65_535 });

test("what is written as host:port is read as it was", () => {
  fc.assert(
    fc.property(fc.oneof(fc.domain(), fc.ipV4()), port, (host, number) => {
      expect(parseEndpoint(`${host}:${number}`, 1)).toEqual({ host, port: number });
      expect(parseEndpoint(host, number)).toEqual({ host, port: number });
    }),
  );
});

test("an IPv6 address stands in brackets", () => {
  fc.assert(
    fc.property(fc.ipV6(), port, (host, number) => {
      expect(parseEndpoint(`[${host}]:${number}`, 1)).toEqual({ host, port: number });
      expect(parseEndpoint(`[${host}]`, number)).toEqual({ host, port: number });
    }),
  );
});

test.each(["", ":6379", "host:", "host:0", "host:65536", "a b", "host:12x", "user@host:1", "[::1", "h/1", "::1"])(
  "%j is no endpoint",
  (text) => expect(parseEndpoint(text, 6379)).toBeUndefined(),
);

test("every attempt begins with another server and leaves none out", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat()), fc.nat(1000), (list, by) => {
      expect(rotated(list, by).toSorted(byValue)).toEqual(list.toSorted(byValue));
      if (list.length > 0) expect(rotated(list, by)[0]).toBe(list[by % list.length]);
    }),
  );
});

function byValue(left: number, right: number): number {
  return left - right;
}
