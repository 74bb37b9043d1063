import { DiscoveryError, LinkMonitor, type Bus, type MessageHandler, type VirtualClock } from "../../src/index.ts";
import type { PresenceSource } from "../../src/presence/source.ts";

/** One copy of a message on its way. */
export interface Carriage {
  /** Absent for a message that `inject` put on the network. */
  readonly from: Port | undefined;
  readonly to: Port;
  readonly channel: string;
  readonly message: string;
  /** Monotonic milliseconds. */
  readonly sentAt: number;
}

export interface NetworkOptions {
  /** After how many milliseconds each copy of a message arrives; none: it is lost. Default: one, after 1 ms. */
  readonly carry?: (carriage: Carriage) => readonly number[];
  /** Hands a message over by calling `receive`; for whoever wants to see what that does. */
  readonly hand?: (carriage: Carriage, receive: () => void) => void;
}

/** A publish/subscribe network in memory, on a virtual clock: what a test of many daemons runs on instead of a backend. */
export class VirtualNetwork {
  readonly #clock: VirtualClock;
  readonly #options: NetworkOptions;
  readonly #ports = new Set<Port>();
  /** Messages published so far, per channel. */
  readonly published: { channel: string; message: string }[] = [];

  constructor(clock: VirtualClock, options: NetworkOptions = {}) {
    this.#clock = clock;
    this.#options = options;
  }

  /** Plugs one more daemon in; its link is down until `up` is called. */
  port(name = "virtual"): Port {
    const port: Port = new Port(name, this.#clock, (channel, message) => this.#deliver(port, channel, message));
    this.#ports.add(port);
    return port;
  }

  /** Pulls the cable for good. */
  unplug(port: Port): void {
    this.#ports.delete(port);
    port.unplug();
  }

  /** Publishes as a program that is no daemon of ours would. */
  inject(message: string, channel = "lobby:discovery"): void {
    this.#deliver(undefined, channel, message);
  }

  #deliver(from: Port | undefined, channel: string, message: string): void {
    this.published.push({ channel, message });
    for (const to of this.#ports) {
      if (to.link.state === "down") continue;
      const carriage = { from, to, channel, message, sentAt: this.#clock.monotonic() };
      for (const delayMs of this.#options.carry?.(carriage) ?? [1]) {
        this.#clock.after(delayMs, () => this.#arrive(carriage));
      }
    }
  }

  #arrive(carriage: Carriage): void {
    if (!carriage.to.isConnected) return;
    const receive = (): void => carriage.to.receive(carriage.channel, carriage.message);
    if (this.#options.hand === undefined) receive();
    else this.#options.hand(carriage, receive);
  }
}

const PROOF_EVERY_MS = 1000;

/** After how long without a proof a link begins anew, in milliseconds. */
const MAX_SILENCE_MS = 2000;

export class Port implements PresenceSource {
  readonly name: string;
  readonly channel = "lobby:discovery";
  readonly link: LinkMonitor;
  readonly bus: Bus;
  readonly #clock: VirtualClock;
  readonly #handlers = new Map<string, Set<MessageHandler>>();
  #connected = false;
  #stopProving = (): void => {};

  constructor(name: string, clock: VirtualClock, send: (channel: string, message: string) => void) {
    this.name = name;
    this.#clock = clock;
    this.link = new LinkMonitor(clock, MAX_SILENCE_MS);
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

  get isConnected(): boolean {
    return this.#connected;
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

  unplug(): void {
    this.down();
    this.#stopProving();
  }

  receive(channel: string, message: string): void {
    for (const handler of this.#handlers.get(channel) ?? []) handler(message);
  }

  #prove(): void {
    if (this.#connected) this.link.proved();
    this.#stopProving = this.#clock.after(PROOF_EVERY_MS, () => this.#prove());
  }
}
