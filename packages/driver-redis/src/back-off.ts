const FIRST_MS = 50;

/** Longest pause between two attempts, in milliseconds: a server that is back is found within it. */
export const MAX_BACK_OFF_MS = 800;

/**
 * Milliseconds to wait before the next attempt, after `failures` (0, 1, …) in a row: doubling, capped, and spread over the
 * upper half, so that daemons that lost a server together do not come back together.
 *
 * @param random uniform in [0, 1)
 */
export function backOff(failures: number, random: number): number {
  const most = Math.min(MAX_BACK_OFF_MS, FIRST_MS * 2 ** Math.min(failures, 10));
  return most * (0.5 + random / 2);
}
