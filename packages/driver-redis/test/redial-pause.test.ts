import fc from "fast-check";
import { expect, test } from "vitest";
import { redialPauseMs } from "../src/redial-pause.ts";

const random = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }).map((value) => () => value);
const failures = fc.integer({ min: 1, max: 1000 });

test("a server that refuses at once is dialed with growing pauses, up to 800 ms", () => {
  fc.assert(
    fc.property(failures, random, (count, uniform) => {
      const pause = redialPauseMs({ failures: count, lastedMs: 0, random: uniform });
      expect(pause).toBeGreaterThan(Math.min(800, 50 * 2 ** (count - 1)) / 2 - 0.001);
      expect(pause).toBeLessThanOrEqual(800);
    }),
  );
});

test("an attempt that waited a second in vain is followed by the next within 200 ms, and not at once", () => {
  fc.assert(
    fc.property(failures, random, (count, uniform) => {
      const pause = redialPauseMs({ failures: count, lastedMs: 1000, random: uniform });
      expect(pause).toBeGreaterThan(6);
      expect(pause).toBeLessThanOrEqual(200);
    }),
  );
});
