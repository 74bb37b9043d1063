import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRetryAfter, retryDelayMs, verdictOf } from "../../src/webhook/retry-policy.ts";

describe("verdictOf", () => {
  it.each([
    ["success", [200, 201, 202, 204, 299]],
    ["rejected", [300, 301, 302, 307, 308, 400, 401, 404, 410, 422, 499]],
    ["failure", [408, 429, 500, 502, 503, 504, 599, 999]],
  ])("%s", (verdict, statuses) => {
    for (const status of statuses) expect(verdictOf(status), String(status)).toBe(verdict);
  });
});

describe("retryDelayMs", () => {
  it("doubles up to 5 min, with at most one half taken off", () => {
    const delays = (random: number): number[] =>
      [1, 2, 3, 8, 9, 10, 5000].map((failures) =>
        retryDelayMs({ failures, retryAfterMs: undefined, random: () => random }),
      );
    expect(delays(0)).toEqual([1000, 2000, 4000, 128_000, 256_000, 300_000, 300_000]);
    expect(delays(1)).toEqual([500, 1000, 2000, 64_000, 128_000, 150_000, 150_000]);
  });

  it("is not below what the receiver asked for, up to 1 h, and never below the back-off", () => {
    const with_ = (retryAfterMs: number) => retryDelayMs({ failures: 3, retryAfterMs, random: () => 0 });
    expect(with_(0)).toBe(4000);
    expect(with_(60_000)).toBe(60_000);
    expect(with_(Number.POSITIVE_INFINITY)).toBe(3_600_000);
  });
});

describe("parseRetryAfter", () => {
  const now = Date.UTC(2026, 10, 22, 1, 0, 0);

  it.each([
    ["0", 0],
    [" 120 ", 120_000],
    ["Sun, 22 Nov 2026 01:02:00 GMT", 120_000],
    ["Sun, 22 Nov 2026 00:00:00 GMT", 0],
    [undefined, undefined],
    ["", undefined],
    ["-1", undefined],
    ["1.5", undefined],
    ["2026-11-22", undefined],
    ["Sun, 99 Foo 2026 01:02:00 GMT", undefined],
  ])("%j", (header, expected) => {
    expect(parseRetryAfter(header, now)).toBe(expected);
  });

  it("is at least 0, or undefined, for any text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{1,400}$/)), (header) => {
        expect(parseRetryAfter(header, now) ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
