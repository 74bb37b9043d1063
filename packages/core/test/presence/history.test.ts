import fc from "fast-check";
import { it } from "vitest";
import { history } from "./history.ts";
import { runHistory } from "./run-history.ts";

/**
 * How many histories are tried. The default keeps a test run short; `HISTORY_RUNS=100000` searches for an hour or so. A failure prints
 * its seed and path, which `HISTORY_SEED` takes, and the smallest history that fails: put that into history-regressions.test.ts.
 */
const RUNS = Number(process.env["HISTORY_RUNS"] ?? 2000);
const SEED = process.env["HISTORY_SEED"];

it(
  "keeps its promises through any history",
  async () => {
    await fc.assert(fc.asyncProperty(history, runHistory), {
      numRuns: RUNS,
      ...(SEED === undefined ? {} : { seed: Number(SEED) }),
    });
  },
  60_000 + RUNS * 100,
);
