import type { Cancel, Clock } from "../clock.ts";
import type { Announcer } from "./announcer.ts";
import { broadcast } from "./broadcast.ts";
import type { FleetSync } from "./fleet-sync.ts";
import type { Fleet } from "./fleet.ts";
import type { RenewableLeases } from "./lease-renewals.ts";
import type { PresenceObserver } from "./observer.ts";
import { encodePeerMessage, parsePeerMessage, type PeerMessage } from "./peer-message.ts";
import { inboxChannel, peerChannel, type PresenceSource } from "./source.ts";

export interface ReceiverOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly sources: readonly PresenceSource[];
  readonly observer: PresenceObserver;
  readonly instance: string;
  readonly fleet: Fleet;
  readonly sync: FleetSync;
  /** Absent where this host is not announced. */
  readonly announcer?: Announcer | undefined;
  readonly leases?: RenewableLeases | undefined;
  /** Whether to hear more than questions to this daemon. */
  readonly listen: boolean;
}

/** Longest wait before an unknown heartbeat is answered with a question, in milliseconds, so that not all ask at once. */
const ASK_WITHIN_MS = 100;

/** Hears every channel of every source, and gives each message to the part that it concerns. */
export class Receiver {
  readonly #options: ReceiverOptions;
  readonly #asking = new Map<string, Cancel>();
  readonly #cancels: Cancel[] = [];

  constructor(options: ReceiverOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    for (const [index, source] of this.#options.sources.entries()) await this.#listenTo(index, source);
  }

  stop(): void {
    for (const cancel of [...this.#cancels, ...this.#asking.values()]) cancel();
    this.#asking.clear();
  }

  async #listenTo(index: number, source: PresenceSource): Promise<void> {
    const { instance, listen, observer, fleet } = this.#options;
    const hearPeer = (text: string): void => this.#hearPeer(index, source.name, text);
    this.#cancels.push(await source.bus.subscribe(inboxChannel(source.channel, instance), hearPeer));
    if (!listen) return;
    this.#cancels.push(await source.bus.subscribe(peerChannel(source.channel), hearPeer));
    const hearPacket = (message: string): void => observer.received(source.name, fleet.hearPacket(index, message));
    this.#cancels.push(await source.bus.subscribe(source.channel, hearPacket));
  }

  #hearPeer(index: number, source: string, text: string): void {
    const { observer, fleet } = this.#options;
    const beat = fleet.hearBeat(index, text);
    if (beat !== undefined) {
      observer.received(source, "peer");
      if (typeof beat === "object") this.#askSoon(beat.ask, text);
      return;
    }
    const message = parsePeerMessage(text);
    observer.received(source, message === undefined ? "bad_peer_message" : "peer");
    if (message !== undefined) this.#dispatch(index, message);
  }

  #dispatch(index: number, message: PeerMessage): void {
    const { fleet, sync, announcer, leases } = this.#options;
    switch (message.type) {
      case "hi":
        this.#answered(message.identity.instance);
        fleet.hearPeer(index, message, message.identity);
        return;
      case "goodbye":
        fleet.hearPeerGoodbye(message.instance);
        return;
      case "renew":
        leases?.heard(message.keys);
        return;
      case "ask":
        announcer?.answer();
        return;
      case "sync":
        sync.hearSync(index, message);
        return;
      case "answering":
        sync.hearAnswering(index, message.id);
        return;
      case "fleet":
        sync.hearFleet(index, message);
    }
  }

  /** A heartbeat of somebody unknown: ask, unless the announcement comes by itself in the next moments. */
  #askSoon(instance: string, beat: string): void {
    if (this.#asking.has(instance) || instance === this.#options.instance) return;
    const { clock, random } = this.#options;
    const cancel = clock.after(random() * ASK_WITHIN_MS, () => {
      this.#asking.delete(instance);
      if (this.#options.fleet.isKnownBeat(beat)) return;
      const text = encodePeerMessage({ type: "ask" });
      void broadcast(this.#options, "peer", { channel: (source) => inboxChannel(source.channel, instance), text });
    });
    this.#asking.set(instance, cancel);
  }

  #answered(instance: string): void {
    this.#asking.get(instance)?.();
    this.#asking.delete(instance);
  }
}
