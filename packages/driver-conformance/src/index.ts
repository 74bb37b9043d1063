export { driverContract } from "./contract.ts";
export type { Check } from "./checks.ts";
export type { DriverHarness } from "./harness.ts";
export type { TestBackend } from "./backend.ts";
export type { TestContext, TestRunner } from "./runner.ts";
