import { backOffMs, type BackOff } from "@org/discovery-core";

/** A server that is back is found within the longest pause. */
export const MAX_PAUSE_MS = 800;

export interface RedialPause extends Pick<BackOff, "failures" | "random"> {
  /** Milliseconds from the beginning of the last attempt to now. */
  readonly lastedMs: number;
}

/**
 * Milliseconds until the next attempt to connect. The back-off counts from the beginning of the last attempt: one that waited in
 * vain for a server that is frozen has been a pause, and its successor may be up by now. A quarter remains in any case, for
 * the jitter in it.
 */
export function redialPauseMs({ lastedMs, ...failed }: RedialPause): number {
  const pauseMs = backOffMs({ ...failed, firstMs: 50, maxMs: MAX_PAUSE_MS });
  return Math.max(pauseMs - lastedMs, pauseMs / 4);
}
