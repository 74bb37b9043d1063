import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDuration } from "../../src/config/duration.ts";

test.each([
  ["15", 15_000],
  ["0.5", 500],
  ["0", 0],
  [" 3 ", 3000],
  ["5s", 5000],
  ["1m30s", 90_000],
  ["500ms", 500],
  ["1.5h", 5_400_000],
  [".5s", 500],
  ["2us", 0.002],
])("%s is %d ms", (text, ms) => {
  expect(parseDuration(text)).toBeCloseTo(ms, 9);
});

test.each(["", "-1", "+1", "1e3", "5 s", "s", "5d", "1,5", "0x10", ".", "1.", "NaN", "Infinity", "9".repeat(400)])(
  "%j is no duration",
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test("whole seconds and Go's spelling of them agree", () => {
  const part = fc.nat(1000);
  fc.assert(
    fc.property(part, part, part, (h, m, s) => {
      expect(parseDuration(`${h}h${m}m${s}s`)).toBe(parseDuration(String(h * 3600 + m * 60 + s)));
    }),
  );
});
