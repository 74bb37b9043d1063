import { type Cancel, type Clock, every } from "../clock.ts";
import { toError } from "../error.ts";
import { broadcast } from "./broadcast.ts";
import { type Announcement, beatOf } from "./claim.ts";
import type { Fleet } from "./fleet.ts";
import type { Identity } from "./identity.ts";
import type { PresenceObserver } from "./observer.ts";
import { encodePacket } from "./packet.ts";
import { encodePeerMessage } from "./peer-message.ts";
import { peerChannel, type PresenceSource } from "./source.ts";

export interface AnnouncerOptions {
  readonly clock: Clock;
  readonly sources: readonly PresenceSource[];
  readonly observer: PresenceObserver;
  readonly fleet: Fleet;
  readonly instance: string;
  /** What this host announces, read anew for each announcement. */
  readonly local: () => Promise<Announcement>;
  /** Milliseconds between announcements. */
  readonly keepAliveMs: number;
  /** Whether every announcement is to come with its packet: original daemons may be listening. Otherwise full ones only. */
  readonly packets: () => boolean;
}

/** How often everything is sent although nobody asked, in milliseconds. */
const FULL_EVERY_MS = 60_000;

/** Least time between two full announcements that were asked for, in milliseconds: what one of them lost, a whole fleet may ask for. */
const ANSWER_EVERY_MS = 100;

/**
 * Announces this host. In full at start, when a link comes up, on change, when asked and once a minute: a lobby
 * packet for everybody, and on the ext channel the same with identity. In between a heartbeat, and the packet where original
 * daemons may be listening. Announcements never overlap and never overtake each other.
 */
export class Announcer {
  readonly #options: AnnouncerOptions;
  #current: Announcement | undefined;
  #incarnation: number;
  #sequence = 0;
  #fullSentAt = Number.NEGATIVE_INFINITY;
  #queue: Promise<void> = Promise.resolve();
  #stopped = false;
  #cancel: Cancel = () => {};
  /** Whether somebody asked who will be answered by an announcement that has yet to begin. */
  #isAnswering = false;
  #cancelAnswer: Cancel = () => {};

  constructor(options: AnnouncerOptions) {
    this.#options = options;
    this.#incarnation = Math.max(0, Math.floor(options.clock.now()));
  }

  /** Announces now and then every keep-alive period. */
  async start(): Promise<void> {
    this.#cancel = every(this.#options.clock, this.#options.keepAliveMs, () => void this.announce());
    await this.announce();
  }

  /** Announces what is true now. Resolves when it was handed to every backend that is up; never rejects. */
  announce(options: { readonly full?: boolean } = {}): Promise<void> {
    if (options.full === true) this.#fullSentAt = Number.NEGATIVE_INFINITY;
    return this.#enqueue(() => this.#announce());
  }

  /** Takes precedence over whatever a previous start of this host left behind, and announces that. */
  outrank(): Promise<void> {
    // Behind the first announcement: before it nobody knows under which name.
    return this.#enqueue(async () => {
      const found = this.#current === undefined ? 0 : this.#options.fleet.incarnationOf(this.#current.hostname);
      if (found < this.#incarnation) return;
      this.#incarnation = found + 1;
      this.#current = undefined;
      await this.#announce();
    });
  }

  /** Announces in full because somebody asks: all who ask within a moment are answered together. */
  answer(): void {
    if (this.#isAnswering) return;
    this.#isAnswering = true;
    const { clock } = this.#options;
    const waitMs = this.#fullSentAt + ANSWER_EVERY_MS - clock.monotonic();
    this.#cancelAnswer = clock.after(Math.max(0, waitMs), () => {
      void this.#enqueue(async () => {
        // Whoever asks from here on may have missed what is sent now.
        this.#isAnswering = false;
        this.#fullSentAt = Number.NEGATIVE_INFINITY;
        await this.#announce();
      });
    });
  }

  /** Says goodbye and announces no more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    this.#cancelAnswer();
    await this.#enqueue(async () => {
      const leaving = this.#current;
      if (leaving === undefined) return;
      this.#current = undefined;
      this.#options.fleet.setOwn(undefined);
      await this.#sendPeer({ type: "goodbye", instance: this.#options.instance });
      await this.#sendPacket("goodbye", leaving);
    });
  }

  #enqueue(task: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(task);
    return this.#queue;
  }

  async #announce(): Promise<void> {
    if (this.#stopped) return;
    const next = await this.#readLocal();
    if (next === undefined) return;
    const previous = this.#current;
    if (previous === undefined || !isSame(previous, next)) this.#change(next);
    const isFull = this.#takeFull();
    if (isFull) await this.#sendPeer({ type: "hi", ...next, identity: this.#identity() });
    else await this.#sendBeat(next);
    if (isFull || this.#options.packets()) await this.#sendPacket("hi", next);
    if (previous !== undefined && previous.hostname !== next.hostname) await this.#sendPacket("goodbye", previous);
  }

  /** Whether the announcement that begins now is to be a full one. */
  #takeFull(): boolean {
    const now = this.#options.clock.monotonic();
    if (now - this.#fullSentAt < FULL_EVERY_MS) return false;
    this.#fullSentAt = now;
    return true;
  }

  async #readLocal(): Promise<Announcement | undefined> {
    try {
      return await this.#options.local();
    } catch (error) {
      this.#options.observer.announcementFailed(toError(error));
      return this.#current;
    }
  }

  #change(next: Announcement): void {
    this.#sequence += 1;
    this.#current = next;
    this.#fullSentAt = Number.NEGATIVE_INFINITY;
    this.#options.fleet.setOwn({ ...next, identity: this.#identity() });
  }

  #identity(): Identity {
    return { instance: this.#options.instance, incarnation: this.#incarnation, sequence: this.#sequence };
  }

  #sendPacket(message: "hi" | "goodbye", { hostname, labels }: Announcement): Promise<void> {
    const text = encodePacket({ message, hostname, labels });
    return broadcast(this.#options, message, { channel: (source) => source.channel, text });
  }

  #sendBeat(announcement: Announcement): Promise<void> {
    const text = beatOf(announcement, this.#identity());
    return broadcast(this.#options, "beat", { channel: (source) => peerChannel(source.channel), text });
  }

  #sendPeer(message: Parameters<typeof encodePeerMessage>[0]): Promise<void> {
    const text = encodePeerMessage(message);
    return broadcast(this.#options, "peer", { channel: (source) => peerChannel(source.channel), text });
  }
}

function isSame(left: Announcement, right: Announcement): boolean {
  return (
    left.hostname === right.hostname &&
    left.labels.length === right.labels.length &&
    left.labels.every((label, index) => label === right.labels[index])
  );
}
