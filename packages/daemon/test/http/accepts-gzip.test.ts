import fc from "fast-check";
import { expect, it } from "vitest";
import { acceptsGzip } from "../../src/http/accepts-gzip.ts";

it.each([
  [undefined, false],
  ["", false],
  ["gzip", true],
  ["GZIP", true],
  ["x-gzip", true],
  ["deflate, gzip;q=0.5, br", true],
  ["gzip ; q=0", false],
  ["gzip;q=0.000", false],
  ["gzip;q=x", false],
  ["*", true],
  ["*;q=0", false],
  ["gzip;q=0, *", false],
  ["identity, gzip;q=0.1", false],
  ["identity;q=0.1, gzip;q=0.2", true],
  ["identity", false],
  ["br", false],
])("%j: %s", (header, expected) => {
  expect(acceptsGzip(header)).toBe(expected);
});

it("never throws", () => {
  fc.assert(fc.property(fc.string(), (header) => void acceptsGzip(header)));
});
