import { type Clock, type Leases, type Log, type Registry, toError } from "@org/discovery-core";
import { RateLimitedLog } from "../presence/rate-limited-log.ts";

export interface LeaseSweeperOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly leases: Leases;
  readonly registry: Registry;
}

/** Removals under way at a time. */
const PARALLEL = 32;

/** Lets leases expire, and removes the services that nobody has renewed for long. */
export class LeaseSweeper {
  readonly #options: LeaseSweeperOptions;
  readonly #warnings: RateLimitedLog;
  #removing = false;

  constructor(options: LeaseSweeperOptions) {
    this.#options = options;
    this.#warnings = new RateLimitedLog(options.clock, options.log);
  }

  /** To be called about every second. What could not be removed is tried again by the next call. Never throws. */
  async sweep(): Promise<void> {
    const keys = this.#options.leases.sweep();
    if (this.#removing || keys.length === 0) return;
    this.#removing = true;
    try {
      for (let start = 0; start < keys.length; start += PARALLEL) {
        await Promise.all(keys.slice(start, start + PARALLEL).map((key) => this.#remove(key)));
      }
    } finally {
      this.#removing = false;
    }
  }

  async #remove(key: string): Promise<void> {
    const { registry, log } = this.#options;
    try {
      if (await registry.removeExpired(key)) log.info({ key }, "service removed: its lease expired");
    } catch (error) {
      this.#warnings.warn(
        "removal",
        { key, err: toError(error) },
        "service with an expired lease can't be removed yet",
      );
    }
  }
}
