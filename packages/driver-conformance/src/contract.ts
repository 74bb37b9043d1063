import { Arena, isKeeper } from "./arena.ts";
import { allChecks, type NamedCheck } from "./checks.ts";
import type { DriverHarness } from "./harness.ts";
import type { TestContext, TestRunner } from "./runner.ts";

const TIMEOUT_MS = 120_000;

/**
 * Declares one test for every promise that a driver makes (the doc comments of `Driver`, `Bus`, `Store` and `Link` in core).
 * Checks of the store are skipped where the driver has none; others only where `harness.skips` gives a reason.
 * Throws at once where a reason is blank.
 */
export function driverContract(runner: TestRunner, harness: DriverHarness): void {
  const checks = allChecks();
  runner.describe(`driver contract: ${harness.name}`, () => {
    for (const check of checks) declare(runner, harness, check);
  });
}

function declare(runner: TestRunner, harness: DriverHarness, check: NamedCheck): void {
  const reason = harness.skips?.[check.name];
  if (reason === undefined) {
    // A rest parameter leaves the function's length 0: some runners take a declared one for a "done" callback.
    runner.it(check.name, async (...given: [TestContext]) => perform(harness, check, given[0]), TIMEOUT_MS);
    return;
  }
  if (reason.trim() === "") throw new Error(`skips: expected a reason for ${JSON.stringify(check.name)}, got none`);
  runner.it(`${check.name} (skipped: ${reason})`, async (...given: [TestContext]) => given[0]?.skip?.(reason));
}

async function perform(harness: DriverHarness, check: NamedCheck, context: TestContext | undefined): Promise<void> {
  const arena = new Arena(await harness.open(), harness.clock, harness.history);
  try {
    if (check.needsStore && !isKeeper(arena.connect())) {
      context?.skip?.("the driver has no store");
      return;
    }
    await check.run(arena);
  } finally {
    await arena.close();
  }
}
