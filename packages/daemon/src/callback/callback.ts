import { toError, type Clock, type Log } from "@org/discovery-core";
import { runCommand, type CommandRun, type Kill, type RunResult } from "./run-command.ts";
import { RunSchedule, type RunRule } from "./run-schedule.ts";

export interface CallbackOptions extends RunRule {
  readonly clock: Clock;
  readonly log: Log;
  readonly kill: Kill;
  /** Program and arguments, as `splitCommand` gives them. */
  readonly command: readonly string[];
  /** Longest time that one run may take, in milliseconds; then its whole process group is killed. */
  readonly timeoutMs: number;
  /** What the program reads on standard input: all known hosts as a JSON array. Asked when a run begins. */
  readonly input: () => string;
  /** Called after each run, for the metrics. */
  readonly onRun: (result: RunResult) => void;
}

/**
 * Tells a program about every change of the known hosts (`CALLBACK`). When it runs is `RunSchedule`'s matter, how is `runCommand`'s.
 * Nothing that the program does reaches the daemon: a failing, missing or hanging one is logged and counted.
 */
export class Callback {
  readonly #options: CallbackOptions;
  readonly #schedule: RunSchedule;
  readonly #abort = new AbortController();

  constructor(options: CallbackOptions) {
    this.#options = options;
    this.#schedule = new RunSchedule(options.clock, options, () => this.#run());
  }

  /** A host joined, changed, left or expired. */
  changed(): void {
    this.#schedule.changed();
  }

  /** Kills a run under way and waits for its end; starts no other. Idempotent. */
  async close(): Promise<void> {
    this.#abort.abort();
    await this.#schedule.close();
  }

  async #run(): Promise<void> {
    const { clock, kill, command, timeoutMs } = this.#options;
    const begun = clock.monotonic();
    try {
      const input = this.#options.input();
      const run = await runCommand({ clock, kill, command, input, timeoutMs, abort: this.#abort.signal });
      this.#report(run, clock.monotonic() - begun);
    } catch (error) {
      this.#options.log.error({ err: toError(error) }, "callback was not run");
    }
  }

  #report({ result, ...run }: CommandRun, durationMs: number): void {
    const { log, command, onRun } = this.#options;
    const fields = { program: command[0], result, ...run, durationMs: Math.round(durationMs) };
    if (result === "success") log.debug(fields, "callback ran");
    else log.warn(fields, "callback did not succeed");
    onRun(result);
  }
}
