import { every, type Cancel, type Clock } from "../clock.ts";
import { toError } from "../error.ts";
import type { Log } from "../log.ts";
import { inParallel } from "./in-parallel.ts";
import type { Leases } from "./leases.ts";
import type { Registry } from "./registry.ts";

export interface LeaseReaperOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly leases: Leases;
  readonly registry: Registry;
}

const PERIOD_MS = 1000;
/** Removals that one sweep has under way at a time. */
const PARALLEL = 32;

/**
 * Lets leases expire, and removes services that were not renewed for twice their TTL. Several daemons may do so at once: a
 * deletion that comes second finds nothing, and one that comes too late finds a newer revision.
 */
export class LeaseReaper {
  readonly #options: LeaseReaperOptions;
  readonly #underWay = new Set<string>();
  #cancel: Cancel = () => {};

  constructor(options: LeaseReaperOptions) {
    this.#options = options;
  }

  /** From now on once a second, until `stop`. */
  start(): void {
    this.#cancel = every(this.#options.clock, PERIOD_MS, () => this.#sweep());
  }

  stop(): void {
    this.#cancel();
  }

  #sweep(): void {
    const keys = this.#options.leases.sweep().filter((key) => !this.#underWay.has(key));
    for (const key of keys) this.#underWay.add(key);
    void inParallel(keys, PARALLEL, (key) => this.#remove(key));
  }

  async #remove(key: string): Promise<void> {
    const { log, registry } = this.#options;
    try {
      if (await registry.removeExpired(key)) log.info({ key }, "service removed: its lease was not renewed");
    } catch (error) {
      // The next sweep tries again.
      log.debug({ err: toError(error), key }, "service with an expired lease not removed");
    } finally {
      this.#underWay.delete(key);
    }
  }
}
