import type { Cancel, Clock } from "../clock.ts";

/** The connection to a backend, as far as it is proven. */
export interface Link {
  readonly state: "up" | "down";
  /** Monotonic milliseconds at which the present state began. An interruption that was noticed late begins a new `up`. */
  readonly since: number;
  /** Monotonic milliseconds of the backend's last answer; `-Infinity` before the first. */
  readonly lastProof: number;
  /** Why the link is, or last was, down. */
  readonly lastError: Error | undefined;
  /** Calls `listener` after every change of `state` or `since`. */
  onChange(listener: (link: Link) => void): Cancel;
}

/**
 * The `Link` that a driver keeps. The driver reports each answer of its backend with `proved` and each loss with `lost`;
 * the rule for what that means stands here, once for all drivers.
 */
export class LinkMonitor implements Link {
  #state: "up" | "down" = "down";
  #since: number;
  #lastProof = Number.NEGATIVE_INFINITY;
  #lastError: Error | undefined;
  readonly #clock: Clock;
  readonly #maxSilenceMs: number;
  readonly #listeners = new Set<(link: Link) => void>();

  /**
   * @param maxSilenceMs longest time between two proofs that still counts as uninterrupted. After a longer one (the process
   * was suspended, the backend was frozen) the link begins anew, so that whatever was silent meanwhile gets its full time.
   */
  constructor(clock: Clock, maxSilenceMs: number) {
    this.#clock = clock;
    this.#maxSilenceMs = maxSilenceMs;
    this.#since = clock.monotonic();
  }

  get state(): "up" | "down" {
    return this.#state;
  }

  get since(): number {
    return this.#since;
  }

  get lastProof(): number {
    return this.#lastProof;
  }

  get lastError(): Error | undefined {
    return this.#lastError;
  }

  onChange(listener: (link: Link) => void): Cancel {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The backend answered just now, over the connection that subscriptions use. */
  proved(): void {
    const at = this.#clock.monotonic();
    const begins = this.#state === "down" || at - this.#lastProof > this.#maxSilenceMs;
    this.#lastProof = at;
    if (begins) this.#enter("up", at);
  }

  /** The connection is gone, or silent for too long. */
  lost(error: Error): void {
    this.#lastError = error;
    if (this.#state === "up") this.#enter("down", this.#clock.monotonic());
  }

  #enter(state: "up" | "down", at: number): void {
    this.#state = state;
    this.#since = at;
    for (const listener of this.#listeners) listener(this);
  }
}
