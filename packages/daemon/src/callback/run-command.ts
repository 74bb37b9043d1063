import { spawn, type ChildProcess } from "node:child_process";
import { Writable } from "node:stream";
import { toError, type Clock } from "@org/discovery-core";
import { OutputTail } from "./output-tail.ts";

/** Sends a signal to a process, or to a whole process group where the id is negative; throws where there is none. `process.kill`. */
export type Kill = (id: number, signal: NodeJS.Signals) => void;

/** How a run ended: by itself, by our hand because of the limit or the daemon's end, or never begun. */
export type RunResult = "success" | "failure" | "timeout" | "aborted" | "not_started";

export interface CommandRun {
  readonly result: RunResult;
  /** `null` where a signal ended it, or it never began. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last 4 KiB of standard output and standard error together; why it could not start, if so. */
  readonly output: string;
}

export interface CommandOptions {
  readonly clock: Clock;
  readonly kill: Kill;
  /** Program and arguments; no shell is involved. */
  readonly command: readonly string[];
  /** What the program gets on standard input. Any size; it need not read it. */
  readonly input: string;
  /** What the program can read on file descriptor 3. Any size; it need not read it. */
  readonly changes: string;
  /** After this many milliseconds the whole process group gets SIGTERM, and SIGKILL 2 s later. */
  readonly timeoutMs: number;
  /** Ends the run early, in the same way. */
  readonly abort: AbortSignal;
}

const OUTPUT_LIMIT = 4096;
const KILL_GRACE_MS = 2000;
/** Time for the last output after the program's end; a background process that inherited the pipes may hold them for ever. */
const DRAIN_MS = 200;

/** Runs a program to its end, whatever that end is. Never rejects. */
export async function runCommand(options: CommandOptions): Promise<CommandRun> {
  const output = new OutputTail(OUTPUT_LIMIT);
  let child: ChildProcess;
  try {
    child = start(options, output);
  } catch (error) {
    return notStarted(toError(error));
  }
  const stop = armStop(child, options);
  const end = await ended(child, options.clock);
  const stopped = stop.settle();
  if (end instanceof Error) return notStarted(end);
  const result = stopped ?? (end.exitCode === 0 ? "success" : "failure");
  return { result, ...end, output: output.text() };
}

function start(options: CommandOptions, output: OutputTail): ChildProcess {
  const [program = "", ...args] = options.command;
  // Its own process group, so that what it started can be killed with it.
  const child = spawn(program, args, { detached: true, stdio: ["pipe", "pipe", "pipe", "pipe"] });
  child.stdout?.on("data", (chunk: Buffer) => output.add(chunk));
  child.stderr?.on("data", (chunk: Buffer) => output.add(chunk));
  feed(child, 0, options.input);
  feed(child, 3, options.changes);
  return child;
}

function feed(child: ChildProcess, descriptor: 0 | 3, text: string): void {
  const pipe = child.stdio[descriptor];
  if (!(pipe instanceof Writable)) return;
  // A program that does not read it closes the pipe under us. That is its right.
  pipe.on("error", () => undefined);
  pipe.end(text);
}

interface Stopper {
  /** The program has ended: disarms everything; says whether, and why, it had been told to end. */
  settle(): "timeout" | "aborted" | undefined;
}

function armStop(child: ChildProcess, { clock, kill, timeoutMs, abort }: CommandOptions): Stopper {
  let stopped: "timeout" | "aborted" | undefined;
  const stop = (why: "timeout" | "aborted"): void => {
    if (stopped !== undefined) return;
    stopped = why;
    killGroup(child, kill, "SIGTERM");
    cancelTimer();
    cancelTimer = clock.after(KILL_GRACE_MS, () => killGroup(child, kill, "SIGKILL"));
  };
  const onAbort = (): void => stop("aborted");
  let cancelTimer = clock.after(timeoutMs, () => stop("timeout"));
  if (abort.aborted) onAbort();
  else abort.addEventListener("abort", onAbort, { once: true });
  return {
    settle() {
      cancelTimer();
      abort.removeEventListener("abort", onAbort);
      // The program itself obeyed; what it left behind in its group may not have.
      if (stopped !== undefined) killGroup(child, kill, "SIGKILL");
      return stopped;
    },
  };
}

function killGroup(child: ChildProcess, kill: Kill, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    kill(-child.pid, signal);
  } catch {
    // ESRCH: the whole group is gone already.
  }
}

type End = Pick<CommandRun, "exitCode" | "signal">;

function ended(child: ChildProcess, clock: Clock): Promise<End | Error> {
  return new Promise((resolve) => {
    child.on("error", resolve);
    child.on("exit", (exitCode, signal) => {
      const finish = (): void => {
        cancel();
        for (const stream of child.stdio) stream?.destroy();
        resolve({ exitCode, signal });
      };
      const cancel = clock.after(DRAIN_MS, finish);
      child.on("close", finish);
    });
  });
}

function notStarted(error: Error): CommandRun {
  return { result: "not_started", exitCode: null, signal: null, output: error.message };
}
