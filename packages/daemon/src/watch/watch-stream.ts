import type { Cancel, Clock } from "@org/discovery-core";
import type { ChangeFeed } from "./change-feed.ts";
import { BEGINNING, changeEvent, KEEP_ALIVE, snapshotEvent } from "./event-text.ts";
import { passes, seenAs, type WatchFilter } from "./watch-filter.ts";

export interface WatchStreamOptions {
  readonly clock: Clock;
  readonly feed: ChangeFeed;
  readonly filter: WatchFilter;
  readonly lastEventId: string | undefined;
  readonly cutOff: () => void;
  /** Called once, when the stream has ended. */
  readonly onEnd: () => void;
}

/** A comment is sent after so much silence, in milliseconds, for proxies and for clients that want to know that we live. */
const KEEP_ALIVE_MS = 15_000;
/** A client that takes longer to read one piece, of at most some 64 KiB, is cut off. In milliseconds. */
const STALL_MS = 30_000;
/** Changes handed on in one piece. */
const BATCH = 100;

/**
 * The events of one client. It is not sent more than it reads: between two pieces it is a position in the feed's log, and where the
 * log no longer has what it missed, it gets a new snapshot. So a slow client costs no memory, and one that stalls is cut off.
 */
export class WatchStream {
  /** What the client is answered with. */
  readonly body: ReadableStream<Uint8Array>;
  readonly #options: WatchStreamOptions;
  readonly #encoder = new TextEncoder();
  readonly #pieces: Generator<string | undefined, never>;
  #ended = false;
  #cancelled = false;
  #wake: () => void = () => {};
  #cancelStall: Cancel;

  constructor(options: WatchStreamOptions) {
    this.#options = options;
    this.#pieces = this.#events();
    this.#cancelStall = this.#stallTimer();
    this.body = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => this.#pull(controller),
        cancel: () => {
          this.#cancelled = true;
          this.end();
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** There may be something new. */
  wake(): void {
    this.#wake();
  }

  /** Ends the stream: its client sees the end of the answer. Idempotent. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelStall();
    this.#wake();
    this.#options.onEnd();
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    this.#cancelStall();
    const piece = await this.#next();
    if (piece !== undefined) {
      controller.enqueue(this.#encoder.encode(piece));
      this.#cancelStall = this.#stallTimer();
    } else if (!this.#cancelled) {
      controller.close();
    }
  }

  /** The next piece, when there is one; `undefined` when the stream has ended. */
  async #next(): Promise<string | undefined> {
    const { clock } = this.#options;
    const silentSince = clock.monotonic();
    while (!this.#ended) {
      const { value } = this.#pieces.next();
      if (value !== undefined) return value;
      const silentMs = clock.monotonic() - silentSince;
      if (silentMs >= KEEP_ALIVE_MS) return KEEP_ALIVE;
      await this.#news(KEEP_ALIVE_MS - silentMs);
    }
    return undefined;
  }

  /** Everything for this client, piece by piece; `undefined` where there is nothing at present. */
  *#events(): Generator<string | undefined, never> {
    const { feed, lastEventId } = this.#options;
    yield BEGINNING;
    let position = lastEventId === undefined ? undefined : feed.sequenceOf(lastEventId);
    while (true) {
      const changes = position === undefined ? undefined : feed.after(position, BATCH);
      if (changes === undefined) {
        position = yield* this.#snapshot();
        continue;
      }
      const seen = changes.flatMap((change) => {
        const shown = seenAs(this.#options.filter, change);
        return shown === undefined ? [] : [changeEvent(feed.position(change.sequence), shown)];
      });
      position = changes.at(-1)?.sequence ?? position;
      if (seen.length > 0) yield seen.join("");
      else if (changes.length === 0) yield undefined;
    }
  }

  *#snapshot(): Generator<string, number> {
    const { feed, filter } = this.#options;
    const { sequence, items } = feed.snapshot();
    const passing = items.filter((item) => passes(filter, item));
    yield* snapshotEvent(feed.position(sequence), filter.kinds, passing);
    return sequence;
  }

  /** Resolves when there may be something new, after that many milliseconds, or when the stream ends. */
  async #news(withinMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(withinMs, resolve);
    this.#wake = resolve;
    await promise;
    cancel();
    this.#wake = () => {};
  }

  #stallTimer(): Cancel {
    return this.#options.clock.after(STALL_MS, () => {
      this.end();
      this.#options.cutOff();
    });
  }
}
