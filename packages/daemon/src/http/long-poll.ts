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
   * Answers with what `make` makes, which is called again as long as it is a 304, and told whether it is.
   *
   * @throws DiscoveryError `invalid_argument` where `wait` is no duration.
   */
  async answer(c: Context, make: (again: boolean) => Response | Promise<Response>): Promise<Response> {
    const { clock, stopping, onChange } = this.#options;
    const waitMs = readWait(c);
    if (waitMs === 0) return make(false);
    const deadline = clock.monotonic() + waitMs;
    // The signal aborts when the connection goes.
    const news = new News(clock, AbortSignal.any([c.req.raw.signal, stopping]));
    // Listens before it looks, so that no change falls in between.
    const cancel = onChange(() => news.changed());
    try {
      for (let again = false; ; again = true) {
        const response = await make(again);
        const remainingMs = deadline - clock.monotonic();
        if (response.status !== 304 || remainingMs <= 0 || news.ended) return response;
        await news.next(Math.min(remainingMs, LOOK_AGAIN_MS));
        if (news.ended) return response;
      }
    } finally {
      cancel();
    }
  }
}

/** What one wait waits for. */
class News {
  readonly #clock: Clock;
  readonly #end: AbortSignal;
  #isChanged = false;
  #wake: () => void = () => {};

  constructor(clock: Clock, end: AbortSignal) {
    this.#clock = clock;
    this.#end = end;
  }

  get ended(): boolean {
    return this.#end.aborted;
  }

  changed(): void {
    this.#isChanged = true;
    this.#wake();
  }

  /** Resolves soon after a change since the last call, or when the time is up, or at the end. Leaves nothing behind. */
  async next(withinMs: number): Promise<void> {
    if (!this.#isChanged && !this.ended) await this.#sleep(withinMs);
    if (this.#isChanged && !this.ended) await sleep(this.#clock, GATHER_MS);
    this.#isChanged = false;
  }

  async #sleep(withinMs: number): Promise<void> {
    const woken = Promise.withResolvers<void>();
    this.#wake = woken.resolve;
    const cancel = this.#clock.after(withinMs, woken.resolve);
    this.#end.addEventListener("abort", this.#wake, { once: true });
    await woken.promise;
    this.#end.removeEventListener("abort", this.#wake);
    cancel();
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
