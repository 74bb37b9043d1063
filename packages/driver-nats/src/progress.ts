import type { Cancel, Clock } from "@org/discovery-core";

type Settle = (reached: boolean) => void;

/** Those who wait for a message to be taken into the mirror. */
export class Progress {
  readonly #clock: Clock;
  readonly #waiting = new Map<number, Set<Settle>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves true when the sequence number is reached, false when the time is up. */
  reached(sequence: number, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(sequence) ?? new Set<Settle>();
      this.#waiting.set(sequence, waiting);
      let cancel: Cancel = () => undefined;
      const settle: Settle = (reached) => {
        cancel();
        waiting.delete(settle);
        if (waiting.size === 0 && this.#waiting.get(sequence) === waiting) this.#waiting.delete(sequence);
        resolve(reached);
      };
      waiting.add(settle);
      cancel = this.#clock.after(timeoutMs, () => settle(false));
    });
  }

  /** The next message was taken. */
  step(sequence: number): void {
    for (const settle of this.#waiting.get(sequence) ?? []) settle(true);
  }

  /** All messages up to this one were taken, some of them unseen. */
  leap(sequence: number): void {
    for (const [awaited, waiting] of this.#waiting) {
      if (awaited <= sequence) for (const settle of waiting) settle(true);
    }
  }

  close(): void {
    for (const waiting of this.#waiting.values()) for (const settle of waiting) settle(false);
  }
}
