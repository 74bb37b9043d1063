import type { Arena } from "./arena.ts";

/** Throws where the driver breaks the promise that the check is named for. */
export type CheckBody = (arena: Arena) => Promise<void>;

/** Checks by name. The name is what `DriverHarness.skips` takes and what the test is called. */
export type CheckTable = Readonly<Record<string, CheckBody>>;
