import type { Link } from "../driver/link.ts";

/**
 * Whether a host that was last heard at `heard[i]` (monotonic milliseconds, per link; `-Infinity`: never) may be declared
 * dead. Self-preservation stands here:
 *
 * - A link that is down says nothing: silence on it does not count.
 * - A link that came up gives everybody a full TTL from then on.
 * - Silence counts only as far as the backend has proven since that it still answers.
 *
 * So a host expires when it was silent, provably, for a TTL on every link it uses that is up, and one of these is up.
 */
export function isExpired(heard: readonly number[], links: readonly Link[], ttlMs: number): boolean {
  let silent = false;
  for (const [index, link] of links.entries()) {
    const last = heard[index] ?? Number.NEGATIVE_INFINITY;
    if (last === Number.NEGATIVE_INFINITY || link.state === "down") continue;
    if (link.lastProof <= Math.max(last, link.since) + ttlMs) return false;
    silent = true;
  }
  return silent;
}
