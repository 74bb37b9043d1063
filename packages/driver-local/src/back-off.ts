const FIRST_MS = 50;
const LONGEST_MS = 1_000;

/** Milliseconds before the next attempt: doubling from 50 to 1,000, of which the upper half is random. `attempt` counts from 0. */
export function backOffMs(attempt: number, random: () => number): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return (longest / 2) * (1 + random());
}
