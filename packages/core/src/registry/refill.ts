import { backOffMs } from "../back-off.ts";
import type { Cancel, Clock } from "../clock.ts";
import type { Epoch, Store, StoreSnapshot } from "../driver/store.ts";
import { isDiscoveryError, toError } from "../error.ts";
import type { Log } from "../log.ts";

export interface RefillOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Store;
}

const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 30_000;

/** Writes a replica back into a backend that lost its data: again and again until it is done, somebody else was first, or it is stopped. */
export class Refill {
  readonly #options: RefillOptions;
  #cancel: Cancel = () => {};
  #failures = 0;
  #failure: Error | undefined;
  /** Counts up with each `begin` and `stop`, so that an attempt that is under way sees that it is over. */
  #round = 0;

  constructor(options: RefillOptions) {
    this.#options = options;
  }

  /** Why the last attempt failed; `undefined` where none did since the loss, or there is nothing to write back. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Begins after `waitMs` milliseconds. `lost` is the epoch that is to be refilled. */
  begin(replica: StoreSnapshot, lost: Epoch, waitMs: number): void {
    this.stop();
    const round = this.#round;
    const attempt = (): void => void this.#attempt(replica, lost, round);
    if (waitMs <= 0) attempt();
    else this.#cancel = this.#options.clock.after(waitMs, attempt);
  }

  stop(): void {
    this.#cancel();
    this.#round += 1;
    this.#failures = 0;
    this.#failure = undefined;
  }

  async #attempt(replica: StoreSnapshot, lost: Epoch, round: number): Promise<void> {
    const { clock, log, store } = this.#options;
    try {
      await store.restore(replica, lost);
      log.warn(
        { epoch: lost.id, origin: lost.origin, entries: replica.entries.size },
        "backend lost its data; replica written back",
      );
    } catch (error) {
      // Another daemon was first: its snapshot is on the way.
      if (round !== this.#round || isDiscoveryError(error, "revision_conflict")) return;
      this.#failure = toError(error);
      this.#failures += 1;
      log.warn({ err: this.#failure }, "backend lost its data; writing the replica back failed, trying again");
      // The random part is left out: who is first is first, and the store lets no second one through.
      const pauseMs = backOffMs({
        failures: this.#failures,
        firstMs: FIRST_PAUSE_MS,
        maxMs: MAX_PAUSE_MS,
        random: () => 0,
      });
      this.#cancel = clock.after(pauseMs, () => void this.#attempt(replica, lost, round));
    }
  }
}
