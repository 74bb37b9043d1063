import { DiscoveryError, every, type Cancel } from "@org/discovery-core";
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
  /** The last message in the bucket when this began. */
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
 * An empty copy is `loading`: it takes the last message of each subject, up to the tail. A copy that was whole before is
 * `resuming`: it asks for its own last message again, and goes on only if that is what comes. Then it is `following`: each message must
 * be the next of the stream.
 */
export class Following {
  readonly ended: Promise<Ending>;
  readonly #api: JetStream;
  readonly #state: BucketState;
  readonly #listener: FollowingListener;
  readonly #feed: Feed;
  readonly #cancelAudit: Cancel;
  readonly #end: (ending: Ending) => void;
  readonly #tail: number;
  #idleTimes = 0;
  #isLive = false;
  #phase: "loading" | "resuming" | "following";

  constructor(api: JetStream, state: BucketState, options: FollowingOptions) {
    this.#api = api;
    this.#state = state;
    this.#listener = options.listener;
    this.#tail = options.tail;
    this.#phase = state.last.sequence === 0 ? "loading" : "resuming";
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
    const { sequence } = this.#state.last;
    await this.#feed.open(this.#phase === "loading" ? undefined : sequence);
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
      this.#apply(message);
    }
    this.#settle();
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
    this.#isLive = true;
    if (this.#phase === "loading") {
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
