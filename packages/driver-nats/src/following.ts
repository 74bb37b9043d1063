import { DiscoveryError, every, type Cancel } from "@org/discovery-core";
import { bucketMessage } from "./bucket-message.ts";
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
  /** Everything that the stream holds is in the copy. Called again from time to time. */
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

/** How often to look whether the epoch is still in the stream: nobody is told when a stream is purged. */
const AUDIT_MS = 2000;

/**
 * Brings one copy of the bucket up to date and keeps it so.
 *
 * An empty copy is `loading`: it takes the last message of each subject, until the consumer has no more. A copy that was whole before is
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
  #phase: "loading" | "resuming" | "following";

  constructor(api: JetStream, state: BucketState, rest: { timing: FeedTiming; listener: FollowingListener }) {
    this.#api = api;
    this.#state = state;
    this.#listener = rest.listener;
    this.#phase = state.last.sequence === 0 ? "loading" : "resuming";
    const { promise, resolve } = Promise.withResolvers<Ending>();
    this.ended = promise;
    this.#end = resolve;
    this.#feed = new Feed(api, rest.timing, {
      onDelivery: (delivery) => this.#take(delivery),
      onCaughtUp: () => this.#caughtUp(),
      onBroken: (error) => this.end({ error, isStale: false }),
    });
    this.#cancelAudit = every(rest.timing.clock, AUDIT_MS, () => void this.#audit());
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
      if (isOurs) this.#phase = "following";
      else this.#stale("the last message that was seen is gone");
      return;
    }
    if (this.#phase === "following" && message.sequence !== last.sequence + 1) {
      this.#stale(`message ${message.sequence} came after ${last.sequence}`);
      return;
    }
    const effect = this.#state.apply(message);
    if (this.#phase !== "following") return;
    if (effect.kind === "epoch" && !this.#state.isWhole) this.#stale("restored entries are missing");
    else this.#listener.onEffect(effect);
  }

  #caughtUp(): void {
    if (this.#phase === "resuming" || this.#state.record === undefined) {
      this.#stale("the bucket was emptied");
      return;
    }
    if (this.#phase === "loading") {
      this.#phase = "following";
      this.#listener.onWhole();
    }
    this.#listener.onLive();
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
