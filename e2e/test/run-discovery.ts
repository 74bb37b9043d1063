import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Outcome } from "./run-discoveryd.ts";

/** `main.ts` beside the package's index: what the published command runs. */
const MAIN = fileURLToPath(new URL("main.ts", import.meta.resolve("@org/discovery-cli")));

const TIMEOUT_MS = 60_000;

/** Runs `discovery` to its end, with nothing in its environment and nobody at its standard input. */
export function runDiscovery(argv: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [MAIN, ...argv],
      { env: {}, timeout: TIMEOUT_MS },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        resolve({ code: typeof code === "number" ? code : -1, stdout, stderr });
      },
    );
    child.stdin?.end();
  });
}
