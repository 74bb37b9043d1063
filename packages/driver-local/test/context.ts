import type { Clock, DriverContext } from "@org/discovery-core";
import { CapturedLog } from "./captured-log.ts";
import { realClock } from "./real-clock.ts";

/** What a daemon hands to its driver, with a log to look into. */
export function driverContext(clock: Clock = realClock): DriverContext & { readonly log: CapturedLog } {
  return { clock, log: new CapturedLog(), random: Math.random };
}
