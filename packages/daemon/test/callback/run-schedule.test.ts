import { VirtualClock } from "@org/discovery-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { earliestRun, RunSchedule } from "../../src/callback/run-schedule.ts";

const RULE = { firstRunDelayMs: 30_000, cooldownMs: 15_000 };

interface Run {
  readonly begunAt: number;
  endedAt: number | undefined;
}

/** A schedule whose runs take a given time on a virtual clock. */
function scheduleWith(runMs: () => number, fails = false) {
  const clock = new VirtualClock();
  const runs: Run[] = [];
  const schedule = new RunSchedule(clock, RULE, () => {
    const run: Run = { begunAt: clock.monotonic(), endedAt: undefined };
    runs.push(run);
    return new Promise((resolve, reject) => {
      clock.after(runMs(), () => {
        run.endedAt = clock.monotonic();
        if (fails) reject(new Error("failed"));
        else resolve();
      });
    });
  });
  return { clock, runs, schedule };
}

describe("earliestRun", () => {
  it("is the first run delay after the start, then the cooldown after the last end, whichever is later", () => {
    expect(earliestRun(RULE, 100, undefined)).toBe(30_100);
    expect(earliestRun(RULE, 100, 50_000)).toBe(65_000);
    expect(earliestRun({ firstRunDelayMs: 30_000, cooldownMs: 1 }, 100, 200)).toBe(30_100);
  });
});

describe("RunSchedule", () => {
  it("does nothing where nothing changes", async () => {
    const { clock, runs } = scheduleWith(() => 10);
    await clock.advance(1_000_000);
    expect(runs).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it("gathers the changes before the first run delay into one run", async () => {
    const { clock, runs, schedule } = scheduleWith(() => 10);
    schedule.changed();
    await clock.advance(20_000);
    schedule.changed();
    await clock.advance(100_000);
    expect(runs).toEqual([{ begunAt: 30_000, endedAt: 30_010 }]);
  });

  it("counts the cooldown from the end of the last run", async () => {
    const { clock, runs, schedule } = scheduleWith(() => 5000);
    schedule.changed();
    await clock.advance(36_000);
    schedule.changed();
    await clock.advance(100_000);
    expect(runs.map((run) => run.begunAt)).toEqual([30_000, 50_000]);
  });

  it("runs at once where the cooldown is long over", async () => {
    const { clock, runs, schedule } = scheduleWith(() => 10);
    await clock.advance(90_000);
    schedule.changed();
    await clock.advance(0);
    expect(runs.map((run) => run.begunAt)).toEqual([90_000]);
  });

  it("runs again after a change during a run", async () => {
    const { clock, runs, schedule } = scheduleWith(() => 5000);
    schedule.changed();
    await clock.advance(31_000);
    schedule.changed();
    schedule.changed();
    await clock.advance(100_000);
    expect(runs.map((run) => run.begunAt)).toEqual([30_000, 50_000]);
  });

  it("takes a failed run as ended", async () => {
    const { clock, runs, schedule } = scheduleWith(() => 10, true);
    schedule.changed();
    await clock.advance(31_000);
    schedule.changed();
    await clock.advance(100_000);
    expect(runs).toHaveLength(2);
  });

  it("starts nothing once closed, and waits for the run under way", async () => {
    const { clock, runs, schedule } = scheduleWith(() => 5000);
    schedule.changed();
    await clock.advance(31_000);
    schedule.changed();
    let closed = false;
    const closing = schedule.close().then(() => (closed = true));
    await clock.advance(1000);
    expect(closed).toBe(false);
    await clock.advance(100_000);
    await closing;
    schedule.changed();
    await clock.advance(100_000);
    expect(runs).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it("forgets a waiting run when closed", async () => {
    const { clock, runs, schedule } = scheduleWith(() => 10);
    schedule.changed();
    await schedule.close();
    expect(clock.pending).toBe(0);
    await clock.advance(100_000);
    expect(runs).toEqual([]);
  });

  it("keeps the rule for any history of changes, and tells every change", async () => {
    const gap = fc.integer({ min: 0, max: 40_000 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(gap, { minLength: 1, maxLength: 12 }),
        fc.array(gap, { minLength: 1 }),
        async (gaps, times) => {
          let count = 0;
          const { clock, runs, schedule } = scheduleWith(() => times[count++ % times.length] ?? 0);
          let lastChange = 0;
          for (const gapMs of gaps) {
            await clock.advance(gapMs);
            schedule.changed();
            lastChange = clock.monotonic();
          }
          await clock.advance(200_000);
          expect(runs.at(-1)?.begunAt).toBeGreaterThanOrEqual(lastChange);
          expect(runs[0]?.begunAt).toBeGreaterThanOrEqual(RULE.firstRunDelayMs);
          for (const [index, run] of runs.slice(1).entries()) {
            expect(run.begunAt - (runs[index]?.endedAt ?? Number.NaN)).toBeGreaterThanOrEqual(RULE.cooldownMs);
          }
          expect(runs.length).toBeLessThanOrEqual(gaps.length);
        },
      ),
      { numRuns: 50 },
    );
  });
});
