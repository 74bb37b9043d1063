import { DiscoveryError, every, toError, type Cancel } from "@org/discovery-core";
import { bucketMessage, type BucketMessage } from "./bucket-message.ts";
import type { BucketState, Effect } from "./bucket-state.ts";
import type { Delivery } from "./delivery.ts";
import { Feed, type FeedTiming } from "./feed.ts";
import type { JetStream } from "./jetstream.ts";
import type { Loss } from "./rewind.ts";

export interface FollowingListener {
  /** A copy that was begun empty is whole now. */
  onWhole(): void;
  /** The next message was taken into the copy. */
  onEffect(effect: Effect): void;
  /** The copy has all that was in the bucket when this began. Called once. */
  onLive(): void;
}

/** Why a copy is followed no more. */
export interface Ending {
  readonly error: Error;
  /** The copy can't be continued from where it is: changes are missing, or the stream is another one. */
  readonly isStale: boolean;
  /** The bucket went back behind what was seen of it. */
  readonly loss?: Loss;
}

export interface FollowingOptions {
  readonly timing: FeedTiming;
  /** The last message in the bucket when it was opened. */
  readonly tail: number;
  readonly listener: FollowingListener;
}

/** Times that the consumer may have nothing before the tail was seen: it is on a server that is behind, or the tail was removed. */
const MAX_IDLE = 4;

/** How often to look whether the epoch is still in the stream: nobody is told when a stream is purged. */
const AUDIT_MS = 2000;

/**
 * Brings one copy of the bucket up to date and keeps it so.
 *
 * An empty copy is `loading`: it takes what was last on each subject when the consumer was made, and what came since. Of what is
 * written meanwhile it may miss a message that was replaced before it was delivered, and so show a key as it was long ago or not
 * at all. So it is `proving` next: it goes on to what is last by then, and further still whenever a message was left out. A
 * copy that was whole before is `resuming`: it asks for its own last message again, and goes on only if that is what comes. Then either
 * is `following`: each message must be the next of the stream.
 */
export class Following {
  readonly ended: Promise<Ending>;
  readonly #api: JetStream;
  readonly #state: BucketState;
  readonly #listener: FollowingListener;
  readonly #feed: Feed;
  readonly #cancelAudit: Cancel;
  readonly #end: (ending: Ending) => void;
  /** The message that is to be reached; `Infinity` while the server is asked which. */
  #tail: number;
  #questions = 0;
  #idleTimes = 0;
  #isLive = false;
  #phase: "loading" | "proving" | "resuming" | "following";

  constructor(api: JetStream, state: BucketState, options: FollowingOptions) {
    this.#api = api;
    this.#state = state;
    this.#listener = options.listener;
    this.#phase = state.last.sequence === 0 ? "loading" : "resuming";
    this.#tail = this.#phase === "loading" ? Number.POSITIVE_INFINITY : options.tail;
    const { promise, resolve } = Promise.withResolvers<Ending>();
    this.ended = promise;
    this.#end = resolve;
    this.#feed = new Feed(api, options.timing, {
      onDelivery: (delivery) => this.#take(delivery),
      onIdle: () => this.#idle(),
      onBroken: (error) => this.end({ error, isStale: false }),
    });
    this.#cancelAudit = every(options.timing.clock, AUDIT_MS, () => void this.#audit());
  }

  /** Begins. Fails as JetStream does. */
  async open(): Promise<void> {
    const isLoading = this.#phase === "loading";
    await this.#feed.open(isLoading ? undefined : this.#state.last.sequence);
    // Not before the consumer was made: only what is last from then on is certain to come.
    if (isLoading) await this.#aim();
  }

  /** Idempotent: the first ending counts. */
  end(ending: Ending): void {
    this.#cancelAudit();
    this.#feed.close();
    this.#end(ending);
  }

  #take(delivery: Delivery): void {
    const message = bucketMessage(this.#api.bucket, delivery);
    const { last } = this.#state;
    if (this.#phase === "resuming") {
      const isOurs = message.sequence === last.sequence && message.time === last.time;
      if (!isOurs) return this.#stale("the last message that was seen is gone");
      this.#phase = "following";
    } else if (this.#phase === "following" && message.sequence !== last.sequence + 1) {
      return this.#stale(`message ${message.sequence} came after ${last.sequence}`);
    } else {
      const isLeftOut = this.#phase === "proving" && message.sequence !== last.sequence + 1;
      this.#apply(message);
      if (isLeftOut) void this.#aim();
    }
    this.#settle();
  }

  /** Goes for what is last now. */
  async #aim(): Promise<void> {
    this.#questions++;
    const question = this.#questions;
    this.#tail = Number.POSITIVE_INFINITY;
    try {
      const tail = await this.#api.tail();
      if (question !== this.#questions) return;
      if (tail === undefined) return this.#stale("the bucket was emptied");
      this.#tail = tail;
      this.#settle();
    } catch (error) {
      this.end({ error: toError(error), isStale: false });
    }
  }

  #apply(message: BucketMessage): void {
    const effect = this.#state.apply(message);
    if (this.#phase !== "following") return;
    if (effect.kind === "epoch" && !this.#state.isWhole) this.#stale("restored entries are missing");
    else this.#listener.onEffect(effect);
  }

  /** Takes note when the tail is reached. */
  #settle(): void {
    if (this.#isLive || this.#state.last.sequence < this.#tail) return;
    if (this.#state.record === undefined) return this.#stale("the bucket was emptied");
    if (this.#phase === "loading") {
      this.#phase = "proving";
      void this.#aim();
      return;
    }
    this.#isLive = true;
    if (this.#phase === "proving") {
      this.#phase = "following";
      this.#listener.onWhole();
    }
    this.#listener.onLive();
  }

  #idle(): void {
    if (this.#isLive) return;
    this.#idleTimes++;
    if (this.#idleTimes > MAX_IDLE) this.#stale("its last message does not come");
  }

  async #audit(): Promise<void> {
    const { record } = this.#state;
    if (this.#phase !== "following" || record === undefined) return;
    try {
      const message = await this.#api.last(this.#api.bucket.epoch);
      // A record that is on its way to us is no cause for alarm.
      if (this.#state.record !== record || (message?.seq ?? 0) > this.#state.last.sequence) return;
      if (message?.seq !== record.sequence) this.#stale("its epoch is gone from the bucket");
    } catch {
      // JetStream is away; the feed notices.
    }
  }

  #stale(why: string): void {
    this.end({ error: new DiscoveryError("unavailable", `the registry's bucket is read anew: ${why}`), isStale: true });
  }
}
