import { driverContract, type Check, type DriverHarness, type TestContext } from "@org/discovery-driver-conformance";

/** The checks as they are declared for a harness: what each test is called, and its body. */
export function collectChecks(harness: DriverHarness): Map<string, (context: TestContext) => Promise<void>> {
  const checks = new Map<string, (context: TestContext) => Promise<void>>();
  const it = (name: string, body: (context: TestContext) => Promise<void>): void => void checks.set(name, body);
  driverContract({ describe: (_name, body) => body(), it }, harness);
  return checks;
}

/** Runs one check; what it fails with, or undefined. */
export async function failureOf(harness: DriverHarness, check: Check): Promise<Error | undefined> {
  const body = collectChecks(harness).get(check);
  if (body === undefined) throw new Error(`there is no check ${JSON.stringify(check)}`);
  return body({}).then(
    () => undefined,
    (error: Error) => error,
  );
}
