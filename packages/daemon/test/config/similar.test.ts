import fc from "fast-check";
import { expect, test } from "vitest";
import { didYouMean, editDistance } from "../../src/config/similar.ts";

test("the nearest word is suggested, and none that is far", () => {
  expect(didYouMean("htp-listen", ["http-listen", "listen"])).toBe(" (did you mean http-listen?)");
  expect(didYouMean("zzzz", ["http-listen", "ttl"])).toBe("");
  expect(didYouMean("x".repeat(10_000), ["ttl"])).toBe("");
});

test("the distance is a metric", () => {
  const word = fc.string({ maxLength: 8, unit: fc.constantFrom("a", "b", "c") });
  fc.assert(
    fc.property(word, word, word, (a, b, c) => {
      expect(editDistance(a, a)).toBe(0);
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
      if (a !== b) expect(editDistance(a, b)).toBeGreaterThan(0);
    }),
  );
});
