import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { searchPath } from "./servers.ts";

/** What came of the tests. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The part of vitest's JSON report that is read here. */
interface Report {
  readonly numPassedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { status: string }[];
  }[];
}

/** Runs every test, vitest's own output going to the terminal. A file that could not be run counts as one failed test. */
export function runTests(): Tally {
  const folder = mkdtempSync(join(tmpdir(), "discovery-tests-"));
  try {
    const file = join(folder, "report.json");
    const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const env = { ...process.env, PATH: searchPath() };
    const { status, error } = spawnSync("vitest", args, { stdio: ["ignore", "inherit", "inherit"], env });
    if (error !== undefined) throw error;
    return tally(JSON.parse(readFileSync(file, "utf8")) as Report, status === 0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function tally(report: Report, succeeded: boolean): Tally {
  const broken = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  );
  const failed = report.numFailedTests + broken.length;
  return {
    passed: report.numPassedTests,
    // An error outside every test fails the run, so it has to be seen in the count.
    failed: succeeded ? failed : Math.max(1, failed),
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
