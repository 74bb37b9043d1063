import {
  DiscoveryError,
  toError,
  type Bus,
  type Cancel,
  type Link,
  type Log,
  type MessageHandler,
} from "@org/discovery-core";
import type { Channels } from "./channels.ts";

interface Subscription {
  readonly channel: string;
  readonly receive: MessageHandler;
  detach: Cancel;
}

/** The bus of one local driver. It remembers its subscriptions, and puts them in place whenever the driver connects. */
export class LocalBus implements Bus {
  readonly reach = "process";
  readonly #channels: Channels;
  readonly #link: Link;
  readonly #log: Log;
  readonly #subscriptions = new Set<Subscription>();

  constructor(channels: Channels, link: Link, log: Log) {
    this.#channels = channels;
    this.#link = link;
    this.#log = log;
  }

  async publish(channel: string, message: string): Promise<void> {
    if (this.#link.state === "down") {
      throw new DiscoveryError("unavailable", `message on ${JSON.stringify(channel)} not sent: driver local is down`, {
        cause: this.#link.lastError,
      });
    }
    this.#channels.publish(channel, message);
  }

  async subscribe(channel: string, onMessage: MessageHandler): Promise<Cancel> {
    const subscription: Subscription = { channel, receive: this.#guarded(channel, onMessage), detach: () => {} };
    this.#subscriptions.add(subscription);
    if (this.#link.state === "up") this.#place(subscription);
    return () => {
      this.#subscriptions.delete(subscription);
      subscription.detach();
    };
  }

  /** Puts every subscription in place. */
  attach(): void {
    for (const subscription of this.#subscriptions) this.#place(subscription);
  }

  /** The driver is down: nothing is heard until `attach`. */
  detach(): void {
    for (const subscription of this.#subscriptions) subscription.detach();
  }

  /** Forgets every subscription. */
  close(): void {
    this.detach();
    this.#subscriptions.clear();
  }

  #place(subscription: Subscription): void {
    subscription.detach();
    subscription.detach = this.#channels.subscribe(subscription.channel, subscription.receive);
  }

  #guarded(channel: string, onMessage: MessageHandler): MessageHandler {
    return (message) => {
      try {
        onMessage(message);
      } catch (error) {
        this.#log.error({ channel, err: toError(error) }, "message handler threw; the message is dropped");
      }
    };
  }
}
