export interface BackOff {
  /** Failures in a row, at least 1. */
  readonly failures: number;
  /** The pause after the first failure. */
  readonly firstMs: number;
  /** The longest pause. */
  readonly maxMs: number;
  /** As `Math.random`. */
  readonly random: () => number;
}

/**
 * Milliseconds until the next attempt: `firstMs`, doubled with each further failure up to `maxMs`, less a random part of up to
 * one half, so that many who failed together do not come back together.
 */
export function backOffMs({ failures, firstMs, maxMs, random }: BackOff): number {
  return Math.min(maxMs, firstMs * 2 ** (failures - 1)) * (1 - random() / 2);
}
