import { backOffMs } from "@org/discovery-core";

/** What an answer means: taken, refused for good, or to be tried again. */
export type Verdict = "success" | "rejected" | "failure";

const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 300_000;
/** Whoever asks for more would be forgotten. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/**
 * A 2xx took it. Anything below 500 refuses it, and would again: redirects, too, for they are not followed. Only 408 (Request
 * Timeout) and 429 (Too Many Requests) say that another time may do, as 5xx do.
 */
export function verdictOf(status: number): Verdict {
  if (status >= 200 && status < 300) return "success";
  return status >= 500 || status === 408 || status === 429 ? "failure" : "rejected";
}

export interface RetryOptions {
  /** Attempts that failed so far, at least 1. */
  readonly failures: number;
  /** What the receiver asked for, if it did. */
  readonly retryAfterMs: number | undefined;
  /** As `Math.random`. */
  readonly random: () => number;
}

/**
 * Milliseconds until the next attempt: 1 s, doubled after each failure up to 5 min, of which a random part of up to one half is
 * taken off, so that the daemons of a fleet spread out; but no less than the receiver asked for, as long as that is not above 1 h.
 */
export function retryDelayMs({ failures, retryAfterMs = 0, random }: RetryOptions): number {
  const pauseMs = backOffMs({ failures, firstMs: FIRST_DELAY_MS, maxMs: MAX_DELAY_MS, random });
  return Math.max(pauseMs, Math.min(retryAfterMs, MAX_RETRY_AFTER_MS));
}

const SECONDS = /^\d+$/;
/** The form that RFC 9110 has senders use. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Milliseconds from now of a `Retry-After` header (RFC 9110, 10.2.3), a number of seconds or a date; `undefined` for neither.
 *
 * @param now Unix milliseconds.
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? "";
  if (SECONDS.test(text)) return Number(text) * 1000;
  const date = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
