import { type Cancel, type Clock, DiscoveryError, sleep } from "@org/discovery-core";
import type { Context } from "hono";
import { parseDuration } from "../config/duration.ts";

export interface LongPollOptions {
  readonly clock: Clock;
  /** Aborts when the daemon stops: whoever waits is answered then. */
  readonly stopping: AbortSignal;
  /** Calls the listener whenever an answer may have changed. */
  readonly onChange: (listener: () => void) => Cancel;
}

/** Longest wait, in milliseconds; the time that a connection may be silent is longer. */
const MAX_WAIT_MS = 60_000;
/** What changes without a notice, as the readiness, is seen after this many milliseconds. */
const LOOK_AGAIN_MS = 1000;
/** Changes come in bursts: an answer waits for the rest of one, in milliseconds. */
const GATHER_MS = 20;

/**
 * Lists that can be waited for: `?wait=30s` with `If-None-Match` is answered when the list is another one, with 304 when the time
 * is up. Without either, at once. A wait ends with its client, and with the daemon.
 */
export class LongPoll {
  readonly #options: LongPollOptions;

  constructor(options: LongPollOptions) {
    this.#options = options;
  }

  /**
   * Answers with what `make` makes, which is called again as long as it is a 304.
   *
   * @throws DiscoveryError `invalid_argument` where `wait` is no duration.
   */
  async answer(c: Context, make: () => Response | Promise<Response>): Promise<Response> {
    const { clock, stopping } = this.#options;
    const waitMs = readWait(c);
    let response = await make();
    if (waitMs === 0 || response.status !== 304) return response;
    const deadline = clock.monotonic() + waitMs;
    // A HEAD or GET has no body to be read first: the signal aborts when the connection goes.
    const ended = AbortSignal.any([c.req.raw.signal, stopping]);
    while (response.status === 304 && !ended.aborted) {
      const remainingMs = deadline - clock.monotonic();
      if (remainingMs <= 0) return response;
      await this.#next(ended, Math.min(remainingMs, LOOK_AGAIN_MS));
      if (!ended.aborted) response = await make();
    }
    return response;
  }

  /** Resolves after the next change, when the time is up, or when the wait has ended. Leaves nothing behind. */
  async #next(ended: AbortSignal, withinMs: number): Promise<void> {
    const { clock, onChange } = this.#options;
    const changed = Promise.withResolvers<boolean>();
    const over = (): void => changed.resolve(false);
    const cancels = [onChange(() => changed.resolve(true)), clock.after(withinMs, over)];
    ended.addEventListener("abort", over, { once: true });
    if (ended.aborted) over();
    const isChanged = await changed.promise;
    ended.removeEventListener("abort", over);
    for (const cancel of cancels) cancel();
    if (isChanged) await sleep(clock, GATHER_MS);
  }
}

function readWait(c: Context): number {
  const text = c.req.query("wait") ?? "";
  if (text === "") return 0;
  const ms = parseDuration(text);
  if (ms !== undefined) return Math.min(ms, MAX_WAIT_MS);
  const got = JSON.stringify(text.slice(0, 100));
  throw new DiscoveryError("invalid_argument", `query parameter wait: expected a duration such as 30s, got ${got}`);
}
