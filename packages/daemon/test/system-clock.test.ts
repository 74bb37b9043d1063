import { setTimeout as wait } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { systemClock } from "../src/system-clock.ts";

test("wall time is Unix milliseconds, monotonic time never runs backwards", () => {
  const [earliest, now, latest] = [Date.now(), systemClock.now(), Date.now()];
  expect(now).toBeGreaterThanOrEqual(earliest);
  expect(now).toBeLessThanOrEqual(latest);
  const before = systemClock.monotonic();
  expect(systemClock.monotonic()).toBeGreaterThanOrEqual(before);
});

test("a timer runs once, and not when it was cancelled", async () => {
  const runs: string[] = [];
  systemClock.after(5, () => runs.push("a"));
  const cancel = systemClock.after(5, () => runs.push("b"));
  cancel();
  cancel();
  await wait(60);
  expect(runs).toEqual(["a"]);
});

test("a delay longer than a timer of Node takes comes to its end, and can be cancelled on the way", () => {
  vi.useFakeTimers();
  try {
    const days = 24 * 3600 * 1000;
    const run = vi.fn<() => void>();
    systemClock.after(60 * days, run);
    vi.advanceTimersByTime(59 * days);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(days);
    expect(run).toHaveBeenCalledTimes(1);

    const cancelled = vi.fn<() => void>();
    const cancel = systemClock.after(60 * days, cancelled);
    vi.advanceTimersByTime(30 * days);
    cancel();
    vi.advanceTimersByTime(60 * days);
    expect(cancelled).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);

    systemClock.after(Number.POSITIVE_INFINITY, cancelled)();
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test("a pending timer doesn't keep the process alive", () => {
  const before = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const cancel = systemClock.after(60_000, () => undefined);
  expect(process.getActiveResourcesInfo().filter((name) => name === "Timeout")).toHaveLength(before);
  cancel();
});
