import fc from "fast-check";
import { expect, test } from "vitest";
import { multiply64, shiftRight64, toBigInt, xor64, type U64 } from "../../src/registry/u64.ts";

const half = fc.oneof(fc.constantFrom(0, 1, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff), fc.nat(0xffffffff));
const u64 = fc.record<U64>({ high: half, low: half });

test("arithmetic is that of bigint, modulo 2^64", () => {
  fc.assert(
    fc.property(u64, u64, fc.integer({ min: 1, max: 31 }), (left, right, bits) => {
      const [a, b] = [toBigInt(left), toBigInt(right)];
      expect(toBigInt(multiply64(left, right))).toBe(BigInt.asUintN(64, a * b));
      expect(toBigInt(xor64(left, right))).toBe(a ^ b);
      expect(toBigInt(shiftRight64(left, bits))).toBe(a >> BigInt(bits));
    }),
    { numRuns: 2_000 },
  );
});
