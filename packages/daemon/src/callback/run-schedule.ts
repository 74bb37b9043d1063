import type { Cancel, Clock } from "@org/discovery-core";

/** When a receiver may be told of changes. Times in milliseconds. */
export interface RunRule {
  /** From the start of the daemon to the first run. */
  readonly firstRunDelayMs: number;
  /** From the end of one run to the begin of the next. */
  readonly cooldownMs: number;
  /** How long nothing must have changed before a run. */
  readonly minWaitMs: number;
  /** From the first untold change to the run, though changes keep coming. Not less than `minWaitMs`. */
  readonly maxWaitMs: number;
}

/** The times that decide when the next run is due, in monotonic milliseconds. */
export interface RunTimes {
  readonly startedAt: number;
  /** `undefined` before the first run. */
  readonly lastEndedAt: number | undefined;
  /** The first and the last change that no run has told. */
  readonly firstChangeAt: number;
  readonly lastChangeAt: number;
}

/** When the next run is due: once the changes have settled, or have waited long enough, but never sooner than delay and cooldown allow. */
export function dueAt(rule: RunRule, { startedAt, lastEndedAt, firstChangeAt, lastChangeAt }: RunTimes): number {
  const settled = Math.min(lastChangeAt + rule.minWaitMs, firstChangeAt + rule.maxWaitMs);
  const afterStart = startedAt + rule.firstRunDelayMs;
  const cooled = lastEndedAt === undefined ? afterStart : lastEndedAt + rule.cooldownMs;
  return Math.max(settled, afterStart, cooled);
}

/** The times of the changes that no run has told. */
interface Burst {
  readonly firstAt: number;
  lastAt: number;
}

/**
 * `idle`: everything that changed has been told. `waiting`: something changed, the rule does not let it run yet.
 * `running`: one run is under way, with what changed since it began. `closed`: nothing runs any more.
 */
type State =
  | { readonly phase: "idle" }
  | { readonly phase: "waiting"; readonly burst: Burst; readonly cancel: Cancel }
  | { readonly phase: "running"; readonly ended: Promise<void>; burst: Burst | undefined }
  | { readonly phase: "closed" };

/**
 * Turns changes into runs: one at a time, when the rule says, and always one more after the last change.
 * `run` may fail; that ends the run like any other. It answers `undefined` where nothing is to be done after all; then no cooldown follows.
 */
export class RunSchedule {
  readonly #clock: Clock;
  readonly #rule: RunRule;
  readonly #run: () => Promise<void> | undefined;
  readonly #startedAt: number;
  #lastEndedAt: number | undefined;
  #state: State = { phase: "idle" };

  constructor(clock: Clock, rule: RunRule, run: () => Promise<void> | undefined) {
    this.#clock = clock;
    this.#rule = rule;
    this.#run = run;
    this.#startedAt = clock.monotonic();
  }

  /** Something changed: a run that begins from now on will happen. */
  changed(): void {
    const state = this.#state;
    const now = this.#clock.monotonic();
    if (state.phase === "idle") this.#wait({ firstAt: now, lastAt: now });
    else if (state.phase === "waiting") state.burst.lastAt = now;
    else if (state.phase === "running") state.burst = { firstAt: state.burst?.firstAt ?? now, lastAt: now };
  }

  /** Starts no further run; resolves when the one under way has ended. Idempotent. */
  async close(): Promise<void> {
    const before = this.#state;
    this.#state = { phase: "closed" };
    if (before.phase === "waiting") before.cancel();
    if (before.phase === "running") await before.ended;
  }

  #wait(burst: Burst): void {
    const delayMs = Math.max(0, this.#dueAt(burst) - this.#clock.monotonic());
    const cancel = this.#clock.after(delayMs, () => this.#wake(burst));
    this.#state = { phase: "waiting", burst, cancel };
  }

  /** A change does not move the timer, which looks at its end whether there were any: a burst costs no timers. */
  #wake(burst: Burst): void {
    if (this.#dueAt(burst) > this.#clock.monotonic()) this.#wait(burst);
    else this.#begin();
  }

  #dueAt({ firstAt, lastAt }: Burst): number {
    const times = { startedAt: this.#startedAt, lastEndedAt: this.#lastEndedAt };
    return dueAt(this.#rule, { ...times, firstChangeAt: firstAt, lastChangeAt: lastAt });
  }

  #begin(): void {
    const ended = this.#run()?.then(
      () => this.#end(),
      () => this.#end(),
    );
    this.#state = ended === undefined ? { phase: "idle" } : { phase: "running", ended, burst: undefined };
  }

  #end(): void {
    this.#lastEndedAt = this.#clock.monotonic();
    if (this.#state.phase !== "running") return;
    if (this.#state.burst === undefined) this.#state = { phase: "idle" };
    else this.#wait(this.#state.burst);
  }
}
