import * as fc from "fast-check";
import { expect, it } from "vitest";
import { backOffMs } from "../src/index.ts";

it("doubles from the first pause to the longest, and takes at most half off", () => {
  const pauses = Array.from({ length: 7 }, (_, index) =>
    backOffMs({ failures: index + 1, firstMs: 50, maxMs: 800, random: () => 0 }),
  );
  expect(pauses).toEqual([50, 100, 200, 400, 800, 800, 800]);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (failures, uniform) => {
        const pause = backOffMs({ failures, firstMs: 50, maxMs: 800, random: () => uniform });
        expect(pause).toBeGreaterThan(24);
        expect(pause).toBeLessThanOrEqual(800);
      },
    ),
  );
});
