import { VirtualClock } from "@org/discovery-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dueAt, RunSchedule, type RunRule } from "../../src/callback/run-schedule.ts";

const RULE = { firstRunDelayMs: 30_000, cooldownMs: 15_000, minWaitMs: 0, maxWaitMs: 0 };

interface Run {
  readonly begunAt: number;
  endedAt: number | undefined;
}

interface Plan {
  readonly rule?: Partial<RunRule>;
  readonly runMs?: () => number;
  readonly fails?: boolean;
  /** Whether there is nothing to do after all. */
  readonly isIdle?: () => boolean;
}

/** A schedule whose runs take a given time on a virtual clock. */
function scheduleWith({ rule = {}, runMs = () => 10, fails = false, isIdle = () => false }: Plan = {}) {
  const clock = new VirtualClock();
  const runs: Run[] = [];
  const schedule = new RunSchedule(clock, { ...RULE, ...rule }, () => {
    if (isIdle()) return undefined;
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
  return { clock, runs, schedule, begins: () => runs.map((run) => run.begunAt) };
}

describe("dueAt", () => {
  const waits = { ...RULE, minWaitMs: 2000, maxWaitMs: 5000 };
  const at = (firstChangeAt: number, lastChangeAt: number, lastEndedAt?: number): number =>
    dueAt(waits, { startedAt: 100, lastEndedAt, firstChangeAt, lastChangeAt });

  it("is never before the first run delay after the start and the cooldown after the last end", () => {
    expect(at(200, 200)).toBe(30_100);
    expect(at(200, 200, 300)).toBe(30_100);
    expect(at(50_000, 50_000, 50_000)).toBe(65_000);
    expect(at(40_000, 49_000, 50_000)).toBe(65_000);
  });

  it("is the shortest wait after the last change, and at the latest the longest wait after the first", () => {
    expect(at(100_000, 100_000)).toBe(102_000);
    expect(at(100_000, 101_500)).toBe(103_500);
    expect(at(100_000, 104_900)).toBe(105_000);
  });
});

describe("RunSchedule", () => {
  it("does nothing where nothing changes", async () => {
    const { clock, runs } = scheduleWith();
    await clock.advance(1_000_000);
    expect(runs).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it("gathers the changes before the first run delay into one run", async () => {
    const { clock, runs, schedule } = scheduleWith();
    schedule.changed();
    await clock.advance(20_000);
    schedule.changed();
    await clock.advance(100_000);
    expect(runs).toEqual([{ begunAt: 30_000, endedAt: 30_010 }]);
  });

  it("counts the cooldown from the end of the last run", async () => {
    const { clock, begins, schedule } = scheduleWith({ runMs: () => 5000 });
    schedule.changed();
    await clock.advance(36_000);
    schedule.changed();
    await clock.advance(100_000);
    expect(begins()).toEqual([30_000, 50_000]);
  });

  it("runs at once where the cooldown is long over", async () => {
    const { clock, begins, schedule } = scheduleWith();
    await clock.advance(90_000);
    schedule.changed();
    await clock.advance(0);
    expect(begins()).toEqual([90_000]);
  });

  it("makes one run of a burst, once it is over", async () => {
    const { clock, begins, schedule } = scheduleWith({ rule: { minWaitMs: 2000, maxWaitMs: 60_000 } });
    await clock.advance(90_000);
    for (let change = 0; change < 10; change++) {
      schedule.changed();
      expect(clock.pending).toBe(1);
      await clock.advance(1500);
    }
    await clock.advance(100_000);
    expect(begins()).toEqual([90_000 + 9 * 1500 + 2000]);
  });

  it("runs although the burst does not end", async () => {
    const rule = { cooldownMs: 1000, minWaitMs: 2000, maxWaitMs: 5000 };
    const { clock, begins, schedule } = scheduleWith({ rule });
    await clock.advance(90_000);
    for (let change = 0; change < 16; change++) {
      schedule.changed();
      await clock.advance(1000);
    }
    expect(begins()).toEqual([95_000, 100_000, 105_000]);
  });

  it("runs again after a change during a run", async () => {
    const { clock, begins, schedule } = scheduleWith({ runMs: () => 5000 });
    schedule.changed();
    await clock.advance(31_000);
    schedule.changed();
    schedule.changed();
    await clock.advance(100_000);
    expect(begins()).toEqual([30_000, 50_000]);
  });

  it("takes a failed run as ended", async () => {
    const { clock, runs, schedule } = scheduleWith({ fails: true });
    schedule.changed();
    await clock.advance(31_000);
    schedule.changed();
    await clock.advance(100_000);
    expect(runs).toHaveLength(2);
  });

  it("begins no cooldown where there was nothing to do after all", async () => {
    let isIdle = true;
    const { clock, begins, schedule } = scheduleWith({ isIdle: () => isIdle });
    await clock.advance(90_000);
    schedule.changed();
    await clock.advance(1);
    isIdle = false;
    schedule.changed();
    await clock.advance(1);
    expect(begins()).toEqual([90_001]);
  });

  it("starts nothing once closed, and waits for the run under way", async () => {
    const { clock, runs, schedule } = scheduleWith({ runMs: () => 5000 });
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
    const { clock, runs, schedule } = scheduleWith();
    schedule.changed();
    await schedule.close();
    expect(clock.pending).toBe(0);
    await clock.advance(100_000);
    expect(runs).toEqual([]);
  });

  it("keeps the rule for any rule and history of changes: never too soon, never later than it must, nothing untold", async () => {
    const gap = fc.integer({ min: 0, max: 40_000 });
    const rule = fc
      .record({ firstRunDelayMs: gap, cooldownMs: gap, minWaitMs: gap, extraMs: gap })
      .map(({ extraMs, ...rest }) => ({ ...rest, maxWaitMs: rest.minWaitMs + extraMs }));
    await fc.assert(
      fc.asyncProperty(
        rule,
        fc.array(fc.oneof(gap, fc.integer({ min: 0, max: 500 })), { minLength: 1, maxLength: 20 }),
        fc.array(gap, { minLength: 1 }),
        async (waits, gaps, times) => {
          let count = 0;
          const runMs = () => times[count++ % times.length] ?? 0;
          const { clock, runs, begins, schedule } = scheduleWith({ rule: waits, runMs });
          const changes: number[] = [];
          for (const gapMs of gaps) {
            await clock.advance(gapMs);
            schedule.changed();
            changes.push(clock.monotonic());
          }
          await clock.advance(2_000_000);
          expect(begins()).toEqual(expectedBegins(waits, changes, times));
          for (const [index, run] of runs.slice(1).entries()) {
            expect(run.begunAt - (runs[index]?.endedAt ?? Number.NaN)).toBeGreaterThanOrEqual(waits.cooldownMs);
          }
          expect(runs[0]?.begunAt).toBeGreaterThanOrEqual(waits.firstRunDelayMs);
          expect(runs.at(-1)?.begunAt).toBeGreaterThanOrEqual(changes.at(-1) ?? 0);
          expect(runs.length).toBeLessThanOrEqual(changes.length);
          expect(clock.pending).toBe(0);
        },
      ),
      { numRuns: 100 },
    );
  });
});

/** When the runs begin, reckoned afterwards from all changes at once. A change at the very time of a run comes after it. */
function expectedBegins(rule: RunRule, changes: readonly number[], times: readonly number[]): number[] {
  const begins: number[] = [];
  let lastEndedAt: number | undefined;
  let next = 0;
  while (next < changes.length) {
    const firstChangeAt = changes[next] ?? 0;
    let due: number;
    do {
      const lastChangeAt = changes[next++] ?? 0;
      due = dueAt(rule, { startedAt: 0, lastEndedAt, firstChangeAt, lastChangeAt });
    } while ((changes[next] ?? Number.POSITIVE_INFINITY) < due);
    lastEndedAt = due + (times[begins.length % times.length] ?? 0);
    begins.push(due);
  }
  return begins;
}
