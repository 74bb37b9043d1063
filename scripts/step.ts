import { spawnSync, type StdioOptions } from "node:child_process";

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** No tool reports home or asks for its newest version. */
const QUIET = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1", DO_NOT_TRACK: "1" };

/** A step that said no. Its output was already shown. */
export class StepFailed extends Error {}

/** Runs one step, prints its name and how long it took; on failure prints why and throws `StepFailed`. */
export function step(name: string, work: () => string | undefined): void {
  const start = performance.now();
  const report = (mark: string, note = ""): void => {
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`${mark} ${name.padEnd(10)} ${seconds.padStart(6)} s ${note}`.trimEnd());
  };
  try {
    report("✓", work());
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    report("✗", "failed");
    throw new StepFailed(name, { cause: error });
  }
}

/** Runs a task of turbo.json, silent unless it fails; says whether its result came out of the cache. */
export function turbo(task: string): string | undefined {
  const output = run("turbo", ["run", `//#${task}`, "--output-logs=full", "--log-prefix=none"]);
  return /Cached:\s+(\d+) cached, \1 total/.test(output) ? "(cached)" : undefined;
}

/** Runs a program to its end and returns what it printed; throws that if it failed. */
export function run(program: string, args: readonly string[], cwd?: string): string {
  const stdio: StdioOptions = ["ignore", "pipe", "pipe"];
  const result = spawnSync(program, args, { cwd, stdio, env: QUIET, encoding: "utf8", maxBuffer: MAX_OUTPUT_BYTES });
  if (result.error !== undefined) throw result.error;
  const output = `${result.stdout}${result.stderr}`;
  if (result.status !== 0) {
    throw new Error(`${output}\n${program} ended with ${result.signal ?? `status ${String(result.status)}`}`);
  }
  return output;
}
