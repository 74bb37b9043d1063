import type { Clock } from "@org/discovery-core";
import type { TestBackend } from "./backend.ts";
import type { Check } from "./checks.ts";

/** How the suite gets at one driver and its backend. */
export interface DriverHarness {
  readonly name: string;
  /** Real time. */
  readonly clock: Clock;
  /** A new, empty, running backend. Called once for each check. */
  open(): Promise<TestBackend>;
  /** Checks this backend cannot pass, each with a written reason. */
  readonly skips?: Readonly<Partial<Record<Check, string>>>;
  /**
   * How many changes the backend keeps for watchers that were away, if that can be set: the lower, the surer that the
   * suite exceeds it. Default: 300 changes are written during the gap.
   */
  readonly history?: number;
}
