/** Everything that must hold, cheapest first. Run by `npx -y pnpm@12 test`; ends at the first step that fails. */
import { runTests } from "./run-tests.ts";
import { provideServers } from "./servers.ts";
import { step, StepFailed, turbo } from "./step.ts";

/** Runs everything and returns the exit code. */
async function main(): Promise<number> {
  step("servers", () => {
    provideServers();
    return undefined;
  });
  for (const task of ["format", "lint", "typecheck", "knip", "packages"]) step(task, () => turbo(task));
  const { passed, failed, skipped } = await runTests();
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  return failed > 0 || passed === 0 ? 1 : Number(process.exitCode ?? 0);
}

try {
  // A test that leaves something open must not keep the run from ending.
  process.exit(await main());
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  process.exitCode = 1;
}
