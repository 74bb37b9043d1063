import type { Cancel, Clock } from "../clock.ts";
import { randomIdentifier } from "../identifier.ts";
import { broadcast } from "./broadcast.ts";
import type { Fleet } from "./fleet.ts";
import type { PresenceObserver } from "./observer.ts";
import { encodePeerMessage, type FleetRecord, type PeerMessage } from "./peer-message.ts";
import { inboxChannel, peerChannel, type PresenceSource } from "./source.ts";

export interface FleetSyncOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly sources: readonly PresenceSource[];
  readonly observer: PresenceObserver;
  readonly fleet: Fleet;
  readonly instance: string;
  /** Milliseconds of listening after which the fleet counts as complete though nobody answered. */
  readonly keepAliveMs: number;
  /** Called once, when the fleet is complete. */
  readonly onComplete: () => void;
}

type FleetMessage = Extract<PeerMessage, { type: "fleet" }>;

/** When the question is repeated, in milliseconds after the first: a peer may be starting too, or its answer be lost. */
const ASK_AGAIN_MS = [100, 300, 1000];

/** The longest that a peer waits before it answers, in milliseconds. */
const ANSWER_WINDOW_MS = 60;

/** How often a link is looked at that has yet to be listened to for long enough, in milliseconds. */
const LOOK_EVERY_MS = 100;

/** Size of one part of an answer, in UTF-16 units; backends limit messages to 1 MiB of bytes or less. */
const PART_LENGTH = 200_000;

/**
 * Makes a daemon that starts complete at once: it asks, one peer answers with the whole fleet, the others hold back.
 * It is complete when it knows each link that is up or may be so in a moment, for not everybody need be on all of them: when
 * it has a whole answer over it, or has listened to it for a keep-alive period, in which every live host speaks. A backend
 * that hangs is not listened to: the period counts as far as the link has proven to work.
 */
export class FleetSync {
  readonly #options: FleetSyncOptions;
  /** The questions of this daemon that are open. */
  readonly #asked = new Set<string>();
  /** The parts that came, by question, peer and source. */
  readonly #parts = new Map<string, Set<number>>();
  /** The sources over which a whole answer came. */
  readonly #answered = new Set<number>();
  /** The questions of others that this daemon means to answer, by source and question. */
  readonly #answering = new Map<string, Cancel>();
  /** Monotonic milliseconds since which this daemon hears whatever its links bring. */
  #listeningSince: number | undefined;
  /** Monotonic milliseconds at which a link came up, and none was before. */
  #begunAt = 0;
  #timers: Cancel[] = [];
  #cancelLook: Cancel = () => {};
  #complete = false;

  constructor(options: FleetSyncOptions) {
    this.#options = options;
  }

  /** Whether this daemon knows the whole fleet. Once true, it stays true. */
  get complete(): boolean {
    return this.#complete;
  }

  /** A link came up: ask, and begin to listen where that has not begun. */
  begin(): void {
    if (this.#complete) return;
    const { clock, sources } = this.#options;
    this.#listeningSince ??= clock.monotonic();
    if (sources.some(({ bus }) => bus.reach === "network")) this.#ask();
    if (this.#timers.length === 0) {
      this.#begunAt = clock.monotonic();
      this.#timers = ASK_AGAIN_MS.map((delayMs) => clock.after(delayMs, () => this.#ask()));
    }
    this.#look();
  }

  /** No link is up: listening does not count. */
  pause(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers = [];
    this.#cancelLook();
  }

  stop(): void {
    this.pause();
    for (const cancel of this.#answering.values()) cancel();
    this.#answering.clear();
  }

  /** A daemon asks who is there. Answered on each source by itself: another peer may be on one of them alone. */
  hearSync(source: number, { id, from }: { readonly id: string; readonly from: string }): void {
    const key = `${source} ${id}`;
    if (!this.#complete || from === this.#options.instance || this.#answering.has(key)) return;
    const { clock, random, fleet } = this.#options;
    const delayMs = ANSWER_WINDOW_MS * answerDelay(random(), fleet.hosts().length);
    const cancel = clock.after(delayMs, () => {
      this.#answering.delete(key);
      void this.#answer(source, { id, to: from });
    });
    this.#answering.set(key, cancel);
  }

  /** Another peer answers that question. */
  hearAnswering(source: number, id: string): void {
    const key = `${source} ${id}`;
    this.#answering.get(key)?.();
    this.#answering.delete(key);
  }

  /** A part of an answer to this daemon. */
  hearFleet(source: number, message: FleetMessage): void {
    if (!this.#asked.has(message.id)) return;
    for (const record of message.hosts) this.#options.fleet.hearRecord(source, record);
    const key = `${message.id} ${message.from} ${source}`;
    const parts = this.#parts.get(key) ?? new Set();
    this.#parts.set(key, parts.add(message.part));
    if (parts.size < message.parts) return;
    this.#answered.add(source);
    this.#look();
  }

  /** Is complete if every link is known, and looks again in a while if not. */
  #look(): void {
    this.#cancelLook();
    if (this.#options.sources.every((source, index) => this.#isKnown(source, index))) this.#finish();
    else this.#cancelLook = this.#options.clock.after(LOOK_EVERY_MS, () => this.#look());
  }

  #isKnown({ bus, link }: PresenceSource, index: number): boolean {
    const { clock, keepAliveMs } = this.#options;
    if (this.#answered.has(index) || bus.reach === "process") return true;
    if (link.state === "up") {
      return link.lastProof - Math.max(link.since, this.#listeningSince ?? clock.monotonic()) >= keepAliveMs;
    }
    // One that has neither come up nor failed yet is waited for, as long as one that is up: all are tried at the same time.
    return link.lastError !== undefined || clock.monotonic() - this.#begunAt >= keepAliveMs;
  }

  #ask(): void {
    const id = randomIdentifier(this.#options.random);
    this.#asked.add(id);
    const { sources, instance } = this.#options;
    void this.#send(sources, (source) => peerChannel(source.channel), { type: "sync", id, from: instance });
  }

  async #answer(index: number, { id, to }: { readonly id: string; readonly to: string }): Promise<void> {
    const { fleet, instance, sources } = this.#options;
    const over = sources.slice(index, index + 1);
    await this.#send(over, (source) => peerChannel(source.channel), { type: "answering", id });
    // Whom the other could never hear on this source it must not be told of: the host would come, expire, and look like a loss.
    const parts = splitRecords(fleet.recordsOver(index));
    for (const [part, hosts] of parts.entries()) {
      const message: FleetMessage = { type: "fleet", id, from: instance, part, parts: parts.length, hosts };
      await this.#send(over, (source) => inboxChannel(source.channel, to), message);
    }
  }

  #send(
    sources: readonly PresenceSource[],
    channel: (source: PresenceSource) => string,
    message: PeerMessage,
  ): Promise<void> {
    const { observer } = this.#options;
    return broadcast({ sources, observer }, "peer", { channel, text: encodePeerMessage(message) });
  }

  #finish(): void {
    if (this.#complete) return;
    this.#complete = true;
    this.#asked.clear();
    this.#parts.clear();
    this.pause();
    this.#options.onComplete();
  }
}

/**
 * A share of the answer window, skewed so that of any number of peers only a few draw the first moments: exponential
 * timers as in multicast feedback suppression (Nonnenmacher and Biersack, 1999).
 */
function answerDelay(uniform: number, peers: number): number {
  if (peers < 2) return 0;
  return Math.log1p(uniform * (peers - 1)) / Math.log(peers);
}

function splitRecords(records: readonly FleetRecord[]): FleetRecord[][] {
  const parts: FleetRecord[][] = [[]];
  let length = 0;
  for (const record of records) {
    const size = JSON.stringify(record).length;
    if (length + size > PART_LENGTH && length > 0) {
      parts.push([]);
      length = 0;
    }
    parts.at(-1)?.push(record);
    length += size;
  }
  return parts;
}
