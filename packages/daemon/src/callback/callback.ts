import { toError, type Clock, type Log } from "@org/discovery-core";
import { renderHosts } from "../http/hosts-json.ts";
import type { KnownHost } from "../http/presence-view.ts";
import { Notifier } from "./notifier.ts";
import { runCommand, type CommandRun, type Kill, type RunResult } from "./run-command.ts";
import type { RunRule } from "./run-schedule.ts";
import type { Untold } from "./untold.ts";

export interface CallbackOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly kill: Kill;
  readonly rule: RunRule;
  /** Program and arguments, as `splitCommand` gives them. */
  readonly command: readonly string[];
  /** Longest time that one run may take, in milliseconds; then its whole process group is killed. */
  readonly timeoutMs: number;
  /** As `Untold` wants it. */
  readonly hosts: () => readonly KnownHost[];
  /** Called after each run, for the metrics. */
  readonly onRun: (result: RunResult) => void;
}

/**
 * Tells a program about every change of the known hosts (`CALLBACK`): all of them on standard input, as lobby does, and what
 * changed since its last run that succeeded on file descriptor 3. Nothing that the program does reaches the daemon: a failing,
 * missing or hanging one is logged and counted.
 */
export function startCallback(options: CallbackOptions): Notifier {
  return new Notifier({ ...options, tell: (untold, abort) => run(options, untold, abort) });
}

async function run(options: CallbackOptions, untold: Untold, abort: AbortSignal): Promise<void> {
  const { clock, kill, command, timeoutMs } = options;
  const begun = clock.monotonic();
  try {
    const news = untold.latest();
    const input = renderHosts(news.hosts);
    const changes = JSON.stringify(news.changes);
    const ran = await runCommand({ clock, kill, command, input, changes, timeoutMs, abort });
    if (ran.result === "success") untold.told(news);
    else untold.failed();
    report(options, ran, clock.monotonic() - begun);
  } catch (error) {
    options.log.error({ err: toError(error) }, "callback was not run");
  }
}

function report({ log, command, onRun }: CallbackOptions, { result, ...ran }: CommandRun, durationMs: number): void {
  const fields = { program: command[0], result, ...ran, durationMs: Math.round(durationMs) };
  if (result === "success") log.debug(fields, "callback ran");
  else log.warn(fields, "callback did not succeed");
  onRun(result);
}
