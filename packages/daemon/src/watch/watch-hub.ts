import { type Cancel, type Clock, DiscoveryError, every } from "@org/discovery-core";
import type { ChangeFeed } from "./change-feed.ts";
import type { WatchFilter } from "./watch-filter.ts";
import { WatchStream } from "./watch-stream.ts";

export interface WatchHubOptions {
  readonly clock: Clock;
  readonly feed: ChangeFeed;
  /** Aborts when the daemon stops: every stream ends then, and nobody can watch any more. */
  readonly stopping: AbortSignal;
  /** How many may watch at a time. Default: 256. */
  readonly limit?: number;
}

/** What a client asks for. */
export interface WatchRequest {
  readonly filter: WatchFilter;
  /** The id of the last event that it has; `undefined` where it has none. */
  readonly lastEventId: string | undefined;
  /** Cuts the connection of a client that does not read. */
  readonly cutOff: () => void;
}

const LIMIT = 256;
/** How often changes are looked for while somebody watches, in milliseconds; what changes in between is one change. */
const LOOK_EVERY_MS = 100;

/** All who watch this daemon. What they see is looked for once for all of them, and not at all while nobody watches. */
export class WatchHub {
  readonly #options: WatchHubOptions;
  readonly #streams = new Set<WatchStream>();
  #cancelLook: Cancel = () => {};

  constructor(options: WatchHubOptions) {
    this.#options = options;
    options.stopping.addEventListener("abort", () => this.#close(), { once: true });
  }

  /** How many watch. */
  get size(): number {
    return this.#streams.size;
  }

  /**
   * A stream of events for one client. It ends with its client, and with the daemon.
   *
   * @throws DiscoveryError `unavailable` where too many watch already, or the daemon stops.
   */
  open(request: WatchRequest): WatchStream {
    const { clock, feed, stopping, limit = LIMIT } = this.#options;
    if (stopping.aborted) throw new DiscoveryError("unavailable", "the daemon is stopping");
    if (this.#streams.size >= limit) {
      throw new DiscoveryError("unavailable", `${limit} clients watch already; this daemon takes no more`);
    }
    // What is found now is found for all: the next look will not find it again.
    this.#look();
    const stream = new WatchStream({ ...request, clock, feed, onEnd: () => this.#remove(stream) });
    if (this.#streams.size === 0) this.#cancelLook = every(clock, LOOK_EVERY_MS, () => this.#look());
    this.#streams.add(stream);
    return stream;
  }

  #look(): void {
    if (!this.#options.feed.refresh()) return;
    for (const stream of this.#streams) stream.wake();
  }

  #close(): void {
    for (const stream of this.#streams) stream.end();
  }

  #remove(stream: WatchStream): void {
    this.#streams.delete(stream);
    if (this.#streams.size === 0) this.#cancelLook();
  }
}
