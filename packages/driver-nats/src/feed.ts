import { DiscoveryError, every, type Cancel, type Clock } from "@org/discovery-core";
import { createInbox, type Msg, type Subscription } from "nats";
import { deliveryOf, type Delivery } from "./delivery.ts";
import type { JetStream } from "./jetstream.ts";

export interface FeedTiming {
  readonly clock: Clock;
  /** The server says that often that there is nothing. */
  readonly heartbeatMs: number;
  /** Without a message or a heartbeat for so long the consumer counts as gone. */
  readonly silenceMs: number;
}

export interface FeedListener {
  onDelivery(delivery: Delivery): void;
  /** The consumer has nothing to deliver just now. */
  onIdle(): void;
  /** Called once; nothing is delivered afterwards. */
  onBroken(error: Error): void;
}

const CONSUMER_HEADER = "Nats-Last-Consumer";
const STALLED_HEADER = "Nats-Consumer-Stalled";

/**
 * The messages of a bucket in the order of its stream, from one consumer. Ends with `onBroken` as soon as one is missing,
 * or when the consumer is gone, together with its stream or with the server that ran it: NATS says nothing then, so that
 * silence is the only sign.
 */
export class Feed {
  readonly #api: JetStream;
  readonly #timing: FeedTiming;
  readonly #listener: FeedListener;
  #subscription: Subscription | undefined;
  #consumer: string | undefined;
  #cancelWatch: Cancel | undefined;
  /** Counted by our own timer, so that a time in which this process stood still is not taken for the server's silence. */
  #silentMs = 0;
  #turn = 0;
  #isOver = false;

  constructor(api: JetStream, timing: FeedTiming, listener: FeedListener) {
    this.#api = api;
    this.#timing = timing;
    this.#listener = listener;
  }

  /** Begins at a sequence number, or with the last message of each subject. Fails as JetStream does. */
  async open(from: number | undefined): Promise<void> {
    const inbox = createInbox();
    this.#subscription = this.#api.connection.subscribe(inbox, {
      callback: (error, message) => {
        if (error === null) this.#take(message);
        else this.#break(error);
      },
    });
    try {
      const consumer = await this.#api.consume({ inbox, heartbeatMs: this.#timing.heartbeatMs, from });
      this.#consumer = consumer.name;
      this.#watchSilence();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Idempotent. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelWatch?.();
    if (this.#api.connection.isClosed()) return;
    this.#subscription?.unsubscribe();
    // Only tidies up: the server would remove it after some seconds.
    if (this.#consumer !== undefined) this.#api.removeConsumer(this.#consumer).catch(() => undefined);
  }

  #take(message: Msg): void {
    if (this.#isOver) return;
    this.#silentMs = 0;
    const delivery = deliveryOf(message);
    if (delivery === undefined) this.#control(message);
    else this.#deliver(delivery);
  }

  #deliver(delivery: Delivery): void {
    this.#turn++;
    if (delivery.turn !== this.#turn) {
      this.#break(gone(`delivery ${this.#turn} is missing`));
      return;
    }
    this.#listener.onDelivery(delivery);
  }

  /** Heartbeats, and the questions whether we keep up. */
  #control(message: Msg): void {
    const stalled = message.headers?.get(STALLED_HEADER) ?? "";
    if (message.reply !== undefined && message.reply !== "") message.respond();
    if (stalled !== "") this.#api.connection.publish(stalled);
    const delivered = message.headers?.get(CONSUMER_HEADER) ?? "";
    if (delivered === "" || stalled !== "") return;
    if (Number(delivered) === this.#turn) this.#listener.onIdle();
    else this.#break(gone(`got ${this.#turn} of ${delivered} deliveries`));
  }

  #watchSilence(): void {
    if (this.#isOver) return;
    const { clock, heartbeatMs, silenceMs } = this.#timing;
    this.#silentMs = 0;
    this.#cancelWatch = every(clock, heartbeatMs, () => {
      this.#silentMs += heartbeatMs;
      if (this.#silentMs > silenceMs) this.#break(gone(`silent for ${silenceMs} ms`));
    });
  }

  #break(error: Error): void {
    if (this.#isOver) return;
    this.close();
    this.#listener.onBroken(error);
  }
}

function gone(why: string): DiscoveryError {
  return new DiscoveryError("unavailable", `the consumer of the registry's bucket is gone: ${why}`);
}
