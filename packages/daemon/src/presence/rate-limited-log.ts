import type { Clock, Log, LogFields } from "@org/discovery-core";

/** Least time between two lines about the same thing, in milliseconds. */
const EVERY_MS = 60_000;

/** Warns about each thing once a minute at most, with how often it happened since: what the bus carries must not fill the disk. */
export class RateLimitedLog {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #told = new Map<string, { at: number; suppressed: number }>();

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** @param about names the thing; of a small closed set, for each one is remembered. */
  warn(about: string, fields: LogFields, message: string): void {
    const now = this.#clock.monotonic();
    const told = this.#told.get(about);
    if (told !== undefined && now - told.at < EVERY_MS) {
      told.suppressed += 1;
      return;
    }
    this.#told.set(about, { at: now, suppressed: 0 });
    const suppressed = told?.suppressed ?? 0;
    this.#log.warn(suppressed === 0 ? fields : { ...fields, suppressed }, message);
  }
}
