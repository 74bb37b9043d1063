import type { Cancel, Clock } from "../clock.ts";
import type { Link } from "../driver/link.ts";
import { parseBeat } from "./beat.ts";
import type { ClaimTable } from "./claim-table.ts";
import { type Announcement, type Claim, lastHeard, makeClaim, shownClaim } from "./claim.ts";
import { type DepartureOptions, Departures } from "./departures.ts";
import { isExpired } from "./expiry.ts";
import type { Host, HostChange } from "./host.ts";
import type { HostList } from "./host-list.ts";
import type { Identity } from "./identity.ts";
import { type Packet, parsePacket, type Rejection } from "./packet.ts";
import type { FleetRecord } from "./peer-message.ts";
import type { Quarantine } from "./quarantine.ts";
import { mergeHeard, Roster } from "./roster.ts";

export interface FleetOptions extends DepartureOptions {
  readonly clock: Clock;
  /** Milliseconds of proven silence after which a host is gone. */
  readonly ttlMs: number;
  /** Milliseconds of proven silence after which a host is late. */
  readonly lateMs: number;
  /** The links of the sources; a source is named by its index in this list. */
  readonly links: readonly Link[];
}

/** What became of a packet: `known` repeats what is listed, `late` was overtaken by its own change or goodbye. */
export type PacketResult = "known" | "late" | "hi" | "goodbye" | "fleet_full" | Rejection;

/** What became of a heartbeat; with `ask`, that instance should be asked for its announcement. */
export type BeatResult = "known" | "late" | { readonly ask: string };

/** Hosts a fleet holds at most; more can only be an attack or a fault, and would take the daemon's memory. */
const MAX_HOSTS = 50_000;

/** How often a claim must contradict another that is alive before it counts as a second machine: once can be a race. */
const CONTRADICTIONS = 2;

/** The hosts that this daemon believes alive, from what it hears. Rules only: it owns no timer and sends nothing. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #roster: Roster;
  readonly #claims: ClaimTable;
  readonly #list: HostList;
  readonly #quarantine: Quarantine;
  readonly #departures: Departures;
  readonly #duplicateListeners = new Set<(hostname: string) => void>();

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#roster = new Roster(options.clock, options.ttlMs);
    ({ claims: this.#claims, list: this.#list, quarantine: this.#quarantine } = this.#roster);
    this.#departures = new Departures(this.#list, options);
  }

  /** Every host, sorted by name. The same array until a host joins, changes or goes. */
  hosts(): readonly Host[] {
    return this.#list.hosts;
  }

  /** Every host that is to be exported: those of `hosts` and those that linger. Sorted; the same array until one changes. */
  exported(): readonly Host[] {
    return this.#list.exported;
  }

  /** How many hosts are held against a mass loss. */
  get held(): number {
    return this.#departures.held;
  }

  /** Lets the hosts go that are held. Returns how many there were. */
  acceptLoss(): number {
    return this.#departures.accept();
  }

  /** Whether original daemons are heard, which understand nothing but packets. */
  get hasOriginals(): boolean {
    return this.#claims.hasOriginals;
  }

  /** How many hosts there are. */
  get size(): number {
    return this.#list.size;
  }

  /** Equal on two daemons that list the same hosts with the same labels. */
  digest(): string {
    return this.#list.digest;
  }

  /** The name that this daemon announces, if it does. */
  get ownHostname(): string | undefined {
    return this.#claims.own?.hostname;
  }

  onChange(listener: (change: HostChange) => void): Cancel {
    return this.#list.onChange(listener);
  }

  /** Calls `listener` each time that a second machine is heard under a name that is taken. */
  onDuplicate(listener: (hostname: string) => void): Cancel {
    this.#duplicateListeners.add(listener);
    return () => void this.#duplicateListeners.delete(listener);
  }

  /** Takes a message of the main channel. One that repeats a host's last packet costs a look-up and a time stamp. */
  hearPacket(source: number, message: string): PacketResult {
    const known = this.#claims.byMessage(message);
    if (known !== undefined) {
      // A daemon of ours is judged by its beats: its packet does not say which of its starts it belongs to.
      if (known.identity === undefined) this.#heard(known, source);
      return "known";
    }
    if (this.#quarantine.isRetired(message)) return "late";
    const packet = parsePacket(message);
    if (typeof packet === "string") return packet;
    return packet.message === "hi" ? this.#hearHi(source, packet, message) : this.#hearGoodbye(packet);
  }

  /** Takes a heartbeat; `undefined` where the text is none. */
  hearBeat(source: number, text: string): BeatResult | undefined {
    const known = this.#claims.byMessage(text);
    if (known !== undefined) {
      this.#heard(known, source);
      return "known";
    }
    const beat = parseBeat(text);
    if (beat === undefined) return undefined;
    // What it announces now is unknown, but it lives: it must not go because the answer to the question is lost too.
    const outdated = this.#claims.byInstance(beat.instance);
    if (outdated !== undefined) this.#heard(outdated, source);
    return this.#quarantine.isDeparted(beat.instance) ? "late" : { ask: beat.instance };
  }

  /** Whether this is the heartbeat of an announcement that is known. */
  isKnownBeat(text: string): boolean {
    return this.#claims.byMessage(text) !== undefined;
  }

  /** Takes the full announcement of one of our daemons. One that is older than what is known of it changes nothing. */
  hearPeer(source: number, announcement: Announcement, identity: Identity): void {
    const claim = this.#learn(source, { ...announcement, identity, age: 0 });
    if (claim !== undefined) this.#heard(claim, source);
  }

  /** One of our daemons leaves. Whatever of it still arrives later is ignored. */
  hearPeerGoodbye(instance: string): void {
    this.#quarantine.depart(instance);
    const claim = this.#claims.byInstance(instance);
    if (claim === undefined) this.#roster.dismiss(({ identity }) => identity?.instance === instance);
    else if (!claim.own) this.#roster.leave(claim);
  }

  /**
   * Takes what a peer, or this daemon's own disk (`source` undefined), remembers of a host. What was heard at first hand
   * goes before. However old it is, the host gets a TTL from when the link came up: the peer believed it alive.
   */
  hearRecord(source: number | undefined, record: FleetRecord): void {
    if (record.identity !== undefined) {
      this.#learn(source, { ...record, identity: record.identity });
    } else if (this.#claims.ofHost(record.hostname).length === 0 && this.#claims.size < MAX_HOSTS) {
      const claim = makeClaim(record, { heard: this.#heardOn(source, record.age, record.over) });
      // The peer may have heard no more of one of our daemons than a packet, and not that this was over meanwhile.
      if (!this.#quarantine.isRetired(claim.message)) this.#roster.add(claim);
    }
  }

  /** What this daemon announces itself: listed as long as it says so, whatever the links do. */
  setOwn(own: (Announcement & { readonly identity: Identity }) | undefined): void {
    const previous = this.#claims.own;
    if (own === undefined) {
      if (previous !== undefined) this.#roster.leave(previous);
      return;
    }
    const now = this.#options.clock.monotonic();
    const heard = this.#options.links.map(() => now);
    this.#roster.replace(previous, makeClaim(own, { heard, identity: own.identity, own: true }));
  }

  /** Everything known, for the disk. `ageMs` is that of this daemon's own announcement. */
  records(ageMs: number): FleetRecord[] {
    return [...this.#claims.all(), ...this.#list.heldClaims].map((claim) => {
      const record = this.#record(claim, lastHeard(claim));
      if (claim.own) return { ...record, age: ageMs };
      const over = [...claim.heard.keys()].filter((source) => claim.heard[source] !== Number.NEGATIVE_INFINITY);
      return over.length === claim.heard.length ? record : { ...record, over };
    });
  }

  /** Everything that was heard over one source and may be heard there again, for a peer on it. */
  recordsOver(source: number): FleetRecord[] {
    const { links, ttlMs } = this.#options;
    const heardOver = ({ heard }: Claim): number => heard[source] ?? Number.NEGATIVE_INFINITY;
    const isSilent = (claim: Claim): boolean => isExpired([heardOver(claim)], links.slice(source, source + 1), ttlMs);
    const alive = this.#claims.all().filter((claim) => claim.own || !isSilent(claim));
    return [...alive, ...this.#list.heldClaims]
      .filter((claim) => heardOver(claim) > Number.NEGATIVE_INFINITY)
      .map((claim) => this.#record(claim, heardOver(claim)));
  }

  /** The greatest incarnation that anybody else announces for a hostname; 0 where nobody does. */
  incarnationOf(hostname: string): number {
    const others = this.#claims.ofHost(hostname).filter((claim) => !claim.own);
    return Math.max(0, ...others.map((claim) => claim.identity?.incarnation ?? 0));
  }

  /** Lets every host go that was silent for too long, as far as that is proven (see `isExpired`) and believed (see `Departures`). */
  sweep(): void {
    const { links, ttlMs, lateMs } = this.#options;
    this.#quarantine.sweep();
    this.#departures.sweep();
    const isSilentFor = (claim: Claim, silenceMs: number): boolean =>
      !claim.own && isExpired(claim.heard, links, silenceMs);
    const gone = this.#roster.dropSilent((claim) => isSilentFor(claim, ttlMs));
    this.#departures.expire(gone, (hostname) =>
      this.#claims.ofHost(hostname).every((claim) => isSilentFor(claim, lateMs)),
    );
  }

  #record({ hostname, labels, identity, own }: Claim, heardAt: number): FleetRecord {
    const age = own ? 0 : Math.max(0, this.#options.clock.monotonic() - heardAt);
    return { hostname, labels, age, identity };
  }

  #hearHi(source: number, packet: Packet, message: string): PacketResult {
    const claims = this.#claims.ofHost(packet.hostname);
    const claim = makeClaim(packet, { heard: this.#heardOn(source, 0), message });
    if (claims.some((other) => other.identity !== undefined && other.digest === claim.digest)) return "known";
    if (claims.length === 0 && this.#claims.size >= MAX_HOSTS) return "fleet_full";
    const previous = claims.find((other) => other.identity === undefined);
    claim.contradictions = previous?.contradictions ?? 0;
    this.#roster.replace(previous, claim);
    this.#heard(claim, source);
    return "hi";
  }

  #hearGoodbye(packet: Packet): PacketResult {
    // A daemon of ours says goodbye on the ext channel too, with the identity that keeps a late one from ending its successor.
    const { hostname } = packet;
    const claim = this.#claims.ofHost(hostname).find((other) => other.identity === undefined);
    if (claim !== undefined) this.#roster.leave(claim);
    else this.#roster.dismiss((last) => last.hostname === hostname && last.identity === undefined);
    return "goodbye";
  }

  #learn(source: number | undefined, record: FleetRecord & { readonly identity: Identity }): Claim | undefined {
    const { identity, age } = record;
    if (this.#quarantine.isDeparted(identity.instance)) return undefined;
    const previous = this.#claims.byInstance(identity.instance);
    if (previous?.own === true) return undefined;
    if (previous === undefined && this.#claims.size >= MAX_HOSTS) return undefined;
    if (previous?.identity !== undefined && previous.identity.sequence >= identity.sequence) {
      if (previous.identity.sequence > identity.sequence) return undefined;
      mergeHeard(previous.heard, this.#heardOn(source, age));
      return previous;
    }
    const claim = makeClaim(record, { heard: this.#heardOn(source, age, record.over), identity });
    this.#roster.replace(previous, claim);
    // It may have been silent for so long that nothing is left of its old name but a place in the list.
    this.#roster.dismiss((last) => last.identity?.instance === identity.instance);
    return claim;
  }

  #heard(claim: Claim, source: number): void {
    claim.heard[source] = this.#options.clock.monotonic();
    if (claim.rivals && !claim.own) this.#contradict(claim);
  }

  #contradict(claim: Claim): void {
    const claims = this.#claims.ofHost(claim.hostname);
    if (shownClaim(claims) === claim && !claims.some((other) => other.own)) return;
    claim.contradictions += 1;
    if (claim.contradictions < CONTRADICTIONS) return;
    for (const listener of this.#duplicateListeners) listener(claim.hostname);
  }

  /** When it was heard on each source: now on one of them, or, where that is unknown, at some time on those it was heard `over`. */
  #heardOn(source: number | undefined, ageMs: number, over?: readonly number[]): number[] {
    const { clock, links } = this.#options;
    const at = clock.monotonic() - ageMs;
    const heard = links.map(
      (_, index) => source === index || (source === undefined && (over?.includes(index) ?? true)),
    );
    return heard.map((isHeard) => (isHeard ? at : Number.NEGATIVE_INFINITY));
  }
}
