import { type Cancel, type Clock, encodePacket, every } from "../../src/index.ts";
import { KEEP_ALIVE_MS } from "./daemon-fixture.ts";
import type { Port } from "./virtual-network.ts";

/** What the original lobby daemon says: packets on the main channel, every keep-alive, without any identity. */
export class OriginalDaemon {
  readonly local: { hostname: string; labels: string[] };
  readonly #port: Port;
  readonly #cancel: Cancel;
  #announced: string;

  constructor(clock: Clock, port: Port, local: { hostname: string; labels: string[] }) {
    this.local = local;
    this.#port = port;
    this.#announced = local.hostname;
    this.#cancel = every(clock, KEEP_ALIVE_MS, () => this.announce());
    this.announce();
  }

  announce(): void {
    const previous = this.#announced;
    this.#announced = this.local.hostname;
    this.#say("hi", this.local.hostname);
    if (previous !== this.#announced) this.#say("goodbye", previous);
  }

  /** Ends without a word. */
  crash(): void {
    this.#cancel();
  }

  leave(): void {
    this.#cancel();
    this.#say("goodbye", this.#announced);
  }

  #say(message: "hi" | "goodbye", hostname: string): void {
    const { labels } = this.local;
    this.#port.bus.publish(this.#port.channel, encodePacket({ message, hostname, labels })).catch(() => {
      // It has no memory: what could not be said now is said with the next keep-alive.
    });
  }
}
