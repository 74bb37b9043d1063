import fc from "fast-check";
import { expect, test } from "vitest";
import { naturalLog } from "../../src/registry/natural-log.ts";

test("is the natural logarithm to fifteen digits, down to the smallest draw", () => {
  expect(naturalLog(1)).toBe(0);
  fc.assert(
    fc.property(fc.double({ min: 2 ** -54, max: 1, noNaN: true }), (value) => {
      expect(Math.abs(naturalLog(value) - Math.log(value))).toBeLessThanOrEqual(
        Math.abs(Math.log(value)) * 1e-14 + 1e-17,
      );
    }),
    { numRuns: 2_000 },
  );
});

// Bits, not digits: two machines that differ in the last one may give a service to two servers.
test.each([
  [0.3, -1.203972804325936],
  [0.07, -2.659260036932778],
  [0.9, -0.10536051565782627],
])("ln %s is %s to the bit", (value, logarithm) => {
  expect(naturalLog(value)).toBe(logarithm);
});
