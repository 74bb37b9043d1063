import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseInteger } from "../../src/selector/integer.ts";
import { fastestMs } from "../fastest-ms.ts";

test.each([
  ["0", 0n],
  ["000", 0n],
  ["+5", 5n],
  ["-5", -5n],
  ["007", 7n],
  ["9223372036854775807", 9223372036854775807n],
  ["-9223372036854775808", -9223372036854775808n],
  ["9223372036854775808", undefined],
  ["-9223372036854775809", undefined],
  ["99999999999999999999", undefined],
  ["", undefined],
  ["-", undefined],
  ["1.5", undefined],
  ["1e3", undefined],
  ["0x10", undefined],
  ["1_000", undefined],
  [" 1", undefined],
  ["1\n", undefined],
  ["٣", undefined],
])("%j is %s", (text, value) => {
  expect(parseInteger(text)).toBe(value);
});

test("reads every 64-bit integer", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      expect(parseInteger(String(value))).toBe(value);
    }),
  );
});

test("takes linear time on a long row of zeros that is no integer", () => {
  const text = `${"0".repeat(1_000_000)}x`;
  expect(parseInteger(text)).toBeUndefined();
  expect(fastestMs(() => parseInteger(text))).toBeLessThan(2_000);
});
