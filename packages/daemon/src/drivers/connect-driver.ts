import { type Driver, type Log, toError } from "@org/discovery-core";

/**
 * Starts a driver, which from then on reconnects by itself, and waits for nothing. That it says so when it is closed before it ever
 * was connected is no failure: `closing` is aborted by then.
 */
export function connectDriver(driver: Driver, log: Log, closing: AbortSignal): void {
  driver.start().catch((error: unknown) => {
    if (!closing.aborted) log.error({ driver: driver.name, err: toError(error) }, "driver gave up");
  });
}
