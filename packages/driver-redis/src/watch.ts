import {
  every,
  toError,
  type Cancel,
  type DriverContext,
  type StoreObserver,
  type StorePosition,
} from "@org/discovery-core";
import { cursorAt, START, type Cursor } from "./cursor.ts";
import { Feed } from "./feed.ts";
import { wordsOf } from "./redis-error.ts";
import type { ScriptRunner } from "./script-runner.ts";
import type { SessionKeeper } from "./session-keeper.ts";
import type { Subscriptions } from "./subscriptions.ts";

/** How soon a change is seen that nobody told of: data deleted by hand, or a notice that was lost. */
const POLL_MS = 1000;

export interface WatchOptions {
  readonly context: DriverContext;
  readonly keeper: SessionKeeper;
  readonly scripts: ScriptRunner;
  readonly subscriptions: Subscriptions;
  /** The channel on which writers tell. */
  readonly channel: string;
}

/** Reads when a writer tells, when a connection opens, and in any case every second. */
export class Watch {
  readonly #options: WatchOptions;
  readonly #feeds = new Set<Feed>();
  readonly #cancels: Cancel[] = [];
  #lastTrouble = "";

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  start(): void {
    const { context, keeper, subscriptions, channel } = this.#options;
    const look = (): void => void this.refresh();
    keeper.onOpen(look);
    this.#cancels.push(subscriptions.add(channel, look), every(context.clock, POLL_MS, look));
  }

  stop(): void {
    for (const cancel of this.#cancels) cancel();
    for (const feed of this.#feeds) feed.stop();
  }

  /** The most that this process has seen. */
  get cursor(): Cursor {
    let most = START;
    for (const { cursor } of this.#feeds) if (cursor.revision >= most.revision) most = cursor;
    return most;
  }

  /** Begins to tell an observer; `seen` is how far it had seen the store before it was started. */
  add(observer: StoreObserver, seen?: StorePosition): Cancel {
    const { scripts, context } = this.#options;
    const from = seen === undefined ? START : cursorAt(seen);
    const feed = new Feed(observer, from, { scripts, log: context.log });
    this.#feeds.add(feed);
    if (this.#options.keeper.session !== undefined) void this.#refreshed(feed);
    return () => {
      feed.stop();
      this.#feeds.delete(feed);
    };
  }

  /** Resolves, never rejects, when every observer was told what there is, or it turned out that it cannot be read now. */
  async refresh(): Promise<void> {
    if (this.#options.keeper.session === undefined) return;
    await Promise.all([...this.#feeds].map((feed) => this.#refreshed(feed)));
  }

  async #refreshed(feed: Feed): Promise<void> {
    try {
      await feed.refresh();
      this.#lastTrouble = "";
    } catch (error) {
      // A lost connection is told of elsewhere.
      if (this.#options.keeper.session?.isOpen !== true) return;
      const trouble = wordsOf(toError(error));
      if (trouble !== this.#lastTrouble) this.#options.context.log.warn({ error: trouble }, "cannot read the registry");
      this.#lastTrouble = trouble;
    }
  }
}
