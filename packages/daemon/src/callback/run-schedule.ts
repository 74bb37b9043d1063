import type { Cancel, Clock } from "@org/discovery-core";

/** When the callback may run. Times in milliseconds. */
export interface RunRule {
  /** From the start of the daemon to the first run. */
  readonly firstRunDelayMs: number;
  /** From the end of one run to the begin of the next. */
  readonly cooldownMs: number;
}

/**
 * The earliest monotonic time of the next run.
 *
 * @param lastEndedAt when the last run ended; `undefined` before the first one.
 */
export function earliestRun(rule: RunRule, startedAt: number, lastEndedAt: number | undefined): number {
  const afterStart = startedAt + rule.firstRunDelayMs;
  return lastEndedAt === undefined ? afterStart : Math.max(afterStart, lastEndedAt + rule.cooldownMs);
}

/**
 * `idle`: everything that changed has been told. `waiting`: something changed, the rule does not let it run yet.
 * `running`: one run is under way; `again` once something changed since it began. `closed`: nothing runs any more.
 */
type State =
  | { readonly phase: "idle" }
  | { readonly phase: "waiting"; readonly cancel: Cancel }
  | { readonly phase: "running"; readonly ended: Promise<void>; again: boolean }
  | { readonly phase: "closed" };

/**
 * Turns changes into runs: one at a time, never sooner than the rule allows, and always one more after the last change.
 * `run` may fail; that ends the run like any other.
 */
export class RunSchedule {
  readonly #clock: Clock;
  readonly #rule: RunRule;
  readonly #run: () => Promise<void>;
  readonly #startedAt: number;
  #lastEndedAt: number | undefined;
  #state: State = { phase: "idle" };

  constructor(clock: Clock, rule: RunRule, run: () => Promise<void>) {
    this.#clock = clock;
    this.#rule = rule;
    this.#run = run;
    this.#startedAt = clock.monotonic();
  }

  /** Something changed: a run that begins from now on will happen. */
  changed(): void {
    if (this.#state.phase === "idle") this.#wait();
    else if (this.#state.phase === "running") this.#state.again = true;
  }

  /** Starts no further run; resolves when the one under way has ended. Idempotent. */
  async close(): Promise<void> {
    const before = this.#state;
    this.#state = { phase: "closed" };
    if (before.phase === "waiting") before.cancel();
    if (before.phase === "running") await before.ended;
  }

  #wait(): void {
    const at = earliestRun(this.#rule, this.#startedAt, this.#lastEndedAt);
    const cancel = this.#clock.after(Math.max(0, at - this.#clock.monotonic()), () => this.#begin());
    this.#state = { phase: "waiting", cancel };
  }

  #begin(): void {
    const ended = this.#run().then(
      () => this.#end(),
      () => this.#end(),
    );
    this.#state = { phase: "running", ended, again: false };
  }

  #end(): void {
    this.#lastEndedAt = this.#clock.monotonic();
    if (this.#state.phase !== "running") return;
    if (this.#state.again) this.#wait();
    else this.#state = { phase: "idle" };
  }
}
