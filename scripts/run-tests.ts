import { startVitest, type TestModule } from "vitest/node";
import { searchPath } from "./servers.ts";

/** What came of the tests. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Runs every test, vitest's own output going to the terminal. A file or hook that broke counts as one failed test. */
export async function runTests(): Promise<Tally> {
  // Whoever starts a server in a test finds it where Debian installs it.
  process.env["PATH"] = searchPath();
  const vitest = await startVitest([], { run: true, watch: false, allowOnly: false });
  const counted = tally(vitest.state.getTestModules(), vitest.state.getUnhandledErrors().length);
  await vitest.close();
  return counted;
}

function tally(modules: readonly TestModule[], unhandledErrors: number): Tally {
  const states = modules.flatMap((module) => [...module.children.allTests()]).map((test) => test.result().state);
  const suites = modules.flatMap((module) => [module, ...module.children.allSuites()]);
  const broken = suites.filter((suite) => suite.errors().length > 0).length;
  const count = (state: (typeof states)[number]): number => states.filter((each) => each === state).length;
  return {
    passed: count("passed"),
    failed: count("failed") + broken + unhandledErrors,
    // A test that never came to run, because a hook or the run broke, is not a pass.
    skipped: count("skipped") + count("pending"),
  };
}
