import fc from "fast-check";
import { expect, test } from "vitest";
import { backOff, MAX_BACK_OFF_MS } from "../src/back-off.ts";

const random = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

test("the pause is never zero, never above the cap, and within a factor of two", () => {
  fc.assert(
    fc.property(fc.nat(10_000), random, (failures, value) => {
      const delay = backOff(failures, value);
      expect(delay).toBeGreaterThanOrEqual(25);
      expect(delay).toBeLessThan(MAX_BACK_OFF_MS + 1);
      expect(delay).toBeGreaterThanOrEqual(backOff(failures, 0));
      expect(delay).toBeLessThan(2 * backOff(failures, 0) + 1);
    }),
  );
});

test("it doubles up to the cap", () => {
  expect([0, 1, 2, 3, 4, 5, 99].map((failures) => backOff(failures, 0))).toEqual([25, 50, 100, 200, 400, 400, 400]);
});
