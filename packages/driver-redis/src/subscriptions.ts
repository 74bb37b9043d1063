import { toError, type Cancel, type Log, type MessageHandler } from "@org/discovery-core";

/** Who hears which channel, whatever connection there is at the moment. */
export class Subscriptions {
  readonly #handlers = new Map<string, Set<MessageHandler>>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  channels(): Iterable<string> {
    return this.#handlers.keys();
  }

  has(channel: string): boolean {
    return this.#handlers.has(channel);
  }

  /** The same handler added twice hears everything twice, and is removed one at a time. */
  add(channel: string, onMessage: MessageHandler): Cancel {
    const handler: MessageHandler = (message) => onMessage(message);
    const handlers = this.#handlers.get(channel) ?? new Set();
    this.#handlers.set(channel, handlers.add(handler));
    return () => {
      handlers.delete(handler);
      if (handlers.size === 0 && this.#handlers.get(channel) === handlers) this.#handlers.delete(channel);
    };
  }

  deliver(channel: string, message: string): void {
    for (const handler of this.#handlers.get(channel) ?? []) {
      try {
        handler(message);
      } catch (error) {
        this.#log.error({ err: toError(error), channel }, "dropped a message: its handler failed");
      }
    }
  }
}
