import { execFile } from "node:child_process";
import { MAIN } from "./discoveryd.ts";

/** What came of a discoveryd that does not stay. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const TIMEOUT_MS = 60_000;

/** Runs discoveryd to its end, with nothing in its environment but `env`; one that stays is ended after a minute, with code -1. */
export function runDiscoveryd(
  flags: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...flags], { env, cwd, timeout: TIMEOUT_MS }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      resolve({ code: typeof code === "number" ? code : -1, stdout, stderr });
    });
  });
}
