import type { Clock } from "../clock.ts";

/**
 * Remembers for a while what is over, so that a message which the network delivered late does not bring it back:
 * instances that said goodbye, and packets that an instance has since replaced.
 */
export class Quarantine {
  readonly #clock: Clock;
  readonly #holdMs: number;
  readonly #departed = new Map<string, number>();
  readonly #retired = new Map<string, number>();

  /** @param holdMs how late a message may be and still be recognised, in milliseconds. */
  constructor(clock: Clock, holdMs: number) {
    this.#clock = clock;
    this.#holdMs = holdMs;
  }

  /** This instance has left for good: identifiers are never used twice. */
  depart(instance: string): void {
    this.#departed.set(instance, this.#clock.monotonic() + this.#holdMs);
  }

  isDeparted(instance: string): boolean {
    return this.#departed.has(instance);
  }

  /** This packet no longer says what its daemon announces. */
  retire(message: string): void {
    this.#retired.set(message, this.#clock.monotonic() + this.#holdMs);
  }

  /** The packet is true again. */
  release(message: string): void {
    this.#retired.delete(message);
  }

  isRetired(message: string): boolean {
    return this.#retired.has(message);
  }

  /** Forgets what is old enough. */
  sweep(): void {
    const now = this.#clock.monotonic();
    for (const kept of [this.#departed, this.#retired]) {
      for (const [key, until] of kept) if (until <= now) kept.delete(key);
    }
  }
}
