/** Everything that must hold, cheapest first. Run by `npx -y pnpm@12 test`; ends at the first step that fails. */
import { provideServers } from "./servers.ts";
import { step, StepFailed, turbo } from "./step.ts";
import { runTests } from "./vitest-run.ts";

function main(): void {
  step("servers", () => {
    provideServers();
    return undefined;
  });
  for (const task of ["format", "lint", "typecheck", "knip", "packages"]) step(task, () => turbo(task));
  const { passed, failed, skipped } = runTests();
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
}

try {
  main();
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  process.exitCode = 1;
}
