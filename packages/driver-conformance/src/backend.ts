import type { Driver } from "@org/discovery-core";

/** A real backend that the suite may hurt. */
export interface TestBackend {
  /** A driver for one more daemon on this backend; not started. The suite closes it. */
  connect(): Driver;
  /** SIGKILL, or for a backend inside the process what comes nearest: every connection gone, nothing closed cleanly. */
  kill(): Promise<void>;
  /** SIGSTOP. Where absent, `DriverHarness.skips` must say why for each check that needs it. */
  freeze?(): Promise<void>;
  /** SIGCONT. */
  thaw?(): Promise<void>;
  /** Runs it again after `kill`, at the same address, with its data or `empty`. Resolves when it accepts connections. */
  start(options?: { readonly empty?: boolean }): Promise<void>;
  /**
   * Asks it something, past any driver; settles when it answered, and may reject. Time in which it stands still by itself, for a
   * busy machine let it, then does not count against a driver that waits for it too. Where absent, it does count.
   */
  answers?(): Promise<unknown>;
  /** Ends it, in whatever state it is, and removes what it left behind. The suite closes its drivers first. */
  close(): Promise<void>;
}
