import { DiscoveryError, LinkMonitor, type Bus, type MessageHandler, type VirtualClock } from "../../src/index.ts";
import type { PresenceSource } from "../../src/presence/source.ts";

/** A publish/subscribe network in memory, on a virtual clock: what a test of many daemons runs on instead of a backend. */
export class VirtualNetwork {
  readonly #clock: VirtualClock;
  readonly #ports = new Set<Port>();
  /** Messages published so far, per channel. */
  readonly published: { channel: string; message: string }[] = [];

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** Plugs one more daemon in; its link is down until `up` is called. */
  port(name = "virtual"): Port {
    const port = new Port(name, this.#clock, (channel, message) => this.#deliver(channel, message));
    this.#ports.add(port);
    return port;
  }

  /** Publishes as a program that is no daemon of ours would. */
  inject(message: string, channel = "lobby:discovery"): void {
    this.#deliver(channel, message);
  }

  #deliver(channel: string, message: string): void {
    this.published.push({ channel, message });
    for (const port of this.#ports) {
      if (port.link.state === "up") this.#clock.after(1, () => port.receive(channel, message));
    }
  }
}

const PROOF_EVERY_MS = 500;

export class Port implements PresenceSource {
  readonly name: string;
  readonly channel = "lobby:discovery";
  readonly link: LinkMonitor;
  readonly bus: Bus;
  readonly #clock: VirtualClock;
  readonly #handlers = new Map<string, Set<MessageHandler>>();
  #connected = false;

  constructor(name: string, clock: VirtualClock, send: (channel: string, message: string) => void) {
    this.name = name;
    this.#clock = clock;
    this.link = new LinkMonitor(clock, 2000);
    this.bus = {
      reach: "network",
      publish: async (channel, message) => {
        if (!this.#connected) throw new DiscoveryError("unavailable", "virtual link is down");
        send(channel, message);
      },
      subscribe: async (channel, handler) => {
        const handlers = this.#handlers.get(channel) ?? new Set();
        this.#handlers.set(channel, handlers.add(handler));
        return () => void handlers.delete(handler);
      },
    };
    this.#prove();
  }

  up(): this {
    this.#connected = true;
    this.link.proved();
    return this;
  }

  down(): void {
    this.#connected = false;
    this.link.lost(new Error("cable pulled"));
  }

  /** The backend hangs: nothing moves, and the driver has not noticed yet. */
  freeze(): void {
    this.#connected = false;
  }

  receive(channel: string, message: string): void {
    if (!this.#connected) return;
    for (const handler of this.#handlers.get(channel) ?? []) handler(message);
  }

  #prove(): void {
    if (this.#connected) this.link.proved();
    this.#clock.after(PROOF_EVERY_MS, () => this.#prove());
  }
}
