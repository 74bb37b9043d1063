import { type Cancel, type Clock, every, isDiscoveryError, type Link, type Store } from "@org/discovery-core";

export interface StoreProbeOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly link: Link;
  /** Whether the store was seen. */
  readonly isLive: () => boolean;
}

/** Longer than a backend takes that has the registry. */
const EVERY_MS = 5000;
/** Never written, so that deleting it changes nothing. */
const KEY = "probe";

/**
 * Finds out whether a backend that is reached, and still shows no registry, can keep one at all: some tell only when they are
 * asked to change something, as NATS without JetStream.
 */
export class StoreProbe {
  readonly #options: StoreProbeOptions;
  #never: string | undefined;

  constructor(options: StoreProbeOptions) {
    this.#options = options;
  }

  /** Why there will be no registry; `undefined` as long as there may be one. */
  get never(): string | undefined {
    return this.#never;
  }

  start(): Cancel {
    return every(this.#options.clock, EVERY_MS, () => void this.#ask());
  }

  async #ask(): Promise<void> {
    const { store, link, isLive } = this.#options;
    this.#never = isLive() ? undefined : this.#never;
    if (isLive() || link.state === "down") return;
    try {
      await store.delete(KEY);
    } catch (error) {
      this.#never = isDiscoveryError(error, "unimplemented") ? error.message : undefined;
    }
  }
}
