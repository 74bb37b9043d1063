import { expect, test } from "vitest";
import { crc64 } from "../../src/registry/crc64.ts";
import { toBigInt } from "../../src/registry/u64.ts";

// The check value of CRC-64/XZ, which is Go's ECMA table, and the empty sum.
test.each([
  ["123456789", 0x995dc9bbdf1939fan],
  ["", 0n],
])("%j", (text, sum) => {
  expect(toBigInt(crc64(text))).toBe(sum);
});
