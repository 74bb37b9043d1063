import type { Cancel, MessageHandler } from "@org/discovery-core";

interface Subscriber {
  readonly receive: MessageHandler;
}

interface Delivery {
  readonly subscribers: ReadonlySet<Subscriber>;
  readonly recipients: readonly Subscriber[];
  readonly message: string;
}

/**
 * Publish/subscribe inside the process. Messages are delivered after the publisher's turn and one after the other, so that a
 * handler which publishes does not overtake itself.
 */
export class Channels {
  #subscribers = new Map<string, Set<Subscriber>>();
  #queue: Delivery[] = [];

  /** `receive` must not throw. */
  subscribe(channel: string, receive: MessageHandler): Cancel {
    const subscriber: Subscriber = { receive };
    const subscribers = this.#subscribers.get(channel) ?? new Set();
    subscribers.add(subscriber);
    this.#subscribers.set(channel, subscribers);
    return () => {
      subscribers.delete(subscriber);
      if (subscribers.size === 0 && this.#subscribers.get(channel) === subscribers) this.#subscribers.delete(channel);
    };
  }

  publish(channel: string, message: string): void {
    const subscribers = this.#subscribers.get(channel);
    if (subscribers === undefined) return;
    this.#queue.push({ subscribers, recipients: [...subscribers], message });
    if (this.#queue.length === 1) queueMicrotask(() => this.#deliver());
  }

  /** Forgets every subscription and every message under way. */
  clear(): void {
    for (const subscribers of this.#subscribers.values()) subscribers.clear();
    this.#subscribers.clear();
  }

  #deliver(): void {
    // What handlers publish is appended while this runs.
    for (const { subscribers, recipients, message } of this.#queue) {
      for (const recipient of recipients) if (subscribers.has(recipient)) recipient.receive(message);
    }
    this.#queue = [];
  }
}
