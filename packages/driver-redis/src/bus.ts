import type { Bus, Cancel, MessageHandler } from "@org/discovery-core";
import { unavailable } from "./redis-error.ts";
import type { SessionKeeper } from "./session-keeper.ts";
import type { Subscriptions } from "./subscriptions.ts";

/** Classic PUBLISH and SUBSCRIBE on exactly the channels named, as other software on the same server sees them. */
export class RedisBus implements Bus {
  readonly reach = "network";
  readonly #keeper: SessionKeeper;
  readonly #subscriptions: Subscriptions;
  readonly #address: string;

  constructor(keeper: SessionKeeper, subscriptions: Subscriptions, address: string) {
    this.#keeper = keeper;
    this.#subscriptions = subscriptions;
    this.#address = address;
  }

  async publish(channel: string, message: string): Promise<void> {
    const session = this.#keeper.require();
    try {
      await session.commands.publish(channel, message);
    } catch (error) {
      session.judge(error);
      throw unavailable(this.#address, error);
    }
  }

  async subscribe(channel: string, onMessage: MessageHandler): Promise<Cancel> {
    const remove = this.#subscriptions.add(channel, onMessage);
    const cancel = (): void => {
      remove();
      if (!this.#subscriptions.has(channel)) this.#keeper.session?.unsubscribe(channel);
    };
    const session = this.#keeper.session;
    if (session === undefined) return cancel;
    try {
      await session.subscribe(channel);
    } catch (error) {
      // Lost meanwhile: the next session subscribes. Refused by the server: it would be refused again.
      if (session.isOpen) {
        cancel();
        throw error;
      }
    }
    return cancel;
  }
}
