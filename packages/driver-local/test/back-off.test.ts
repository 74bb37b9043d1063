import * as fc from "fast-check";
import { expect, test } from "vitest";
import { backOffMs } from "../src/back-off.ts";

test("doubles from 50 ms to a second, half of it random", () => {
  const longest = [0, 1, 2, 3, 4, 5, 6, 100].map((attempt) => backOffMs(attempt, () => 1));
  expect(longest).toEqual([50, 100, 200, 400, 800, 1000, 1000, 1000]);
  expect(backOffMs(0, () => 0)).toBe(25);
});

test("any attempt waits, and never longer than a second", () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, random) => {
      const ms = backOffMs(attempt, () => random);
      expect(ms).toBeGreaterThanOrEqual(25);
      expect(ms).toBeLessThanOrEqual(1000);
    }),
  );
});
