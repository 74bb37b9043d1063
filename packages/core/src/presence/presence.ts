import { type Cancel, type Clock, every } from "../clock.ts";
import { randomIdentifier } from "../identifier.ts";
import { Announcer } from "./announcer.ts";
import type { Announcement } from "./claim.ts";
import type { DepartureRules } from "./departures.ts";
import { FleetSync } from "./fleet-sync.ts";
import { Fleet } from "./fleet.ts";
import type { Host, HostChange } from "./host.ts";
import { type RenewableLeases, tellRenewals } from "./lease-renewals.ts";
import type { PresenceObserver } from "./observer.ts";
import type { FleetRecord } from "./peer-message.ts";
import { Receiver } from "./receiver.ts";
import { type SigningRule, signedSource, unsignedSource } from "./signed-source.ts";
import type { PresenceSource } from "./source.ts";

export interface PresenceOptions extends DepartureRules {
  readonly clock: Clock;
  readonly random: () => number;
  readonly sources: readonly PresenceSource[];
  readonly observer: PresenceObserver;
  /** What this host announces, read anew for each announcement. */
  readonly local: () => Promise<Announcement>;
  /** Milliseconds between announcements. */
  readonly keepAliveMs: number;
  /** Milliseconds of proven silence after which a host is gone; more than `keepAliveMs`. */
  readonly ttlMs: number;
  /** Milliseconds between two looks for hosts that are gone. */
  readonly cleanEveryMs: number;
  /** Whether this host is announced. */
  readonly register: boolean;
  /** Whether this daemon wants to know the fleet. Without, it hears nothing but questions to itself. */
  readonly listen: boolean;
  /**
   * When lobby's packets are sent between full announcements. `auto`: while an original daemon announces itself in the channel;
   * `always`: needed where original daemons only listen. Default `auto`.
   */
  readonly packets?: "auto" | "always";
  /** Without it nothing is signed, and everything is believed. */
  readonly signing?: SigningRule;
  /** The leases whose renewals travel with the announcements. */
  readonly leases?: RenewableLeases;
  /** The fleet as it was when this daemon last ran. */
  readonly saved?: readonly FleetRecord[];
}

/** Reads come often, hosts die rarely: at most this often does a read look for hosts that are gone, in milliseconds. */
const SWEEP_ON_READ_MS = 1000;

/** Who is alive: announces this host, hears the others, and says how sure it is. Owns the timers of presence. */
export class Presence {
  readonly #options: PresenceOptions;
  readonly #fleet: Fleet;
  readonly #sync: FleetSync;
  readonly #announcer: Announcer;
  /** Monotonic milliseconds at which what was saved was last known to be true; the start where nothing was. */
  readonly #savedAt: number;
  readonly #receiver: Receiver;
  #cancels: Cancel[] = [];
  #reportedHeld = 0;
  /** Monotonic milliseconds at which somebody spoke who does not sign. */
  #unsignedAt = Number.NEGATIVE_INFINITY;
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(given: PresenceOptions) {
    const options = withSigning(given, () => {
      this.#unsignedAt = given.clock.monotonic();
    });
    this.#options = options;
    const youngest = Math.min(...(options.saved ?? []).map((record) => record.age));
    this.#savedAt = options.clock.monotonic() - (Number.isFinite(youngest) ? youngest : 0);
    const links = options.sources.map((source) => source.link);
    this.#fleet = new Fleet({ ...options, lateMs: lateAfterMs(options), links });
    const shared = { ...options, fleet: this.#fleet, instance: randomIdentifier(options.random) };
    this.#announcer = new Announcer({ ...shared, packets: () => this.#needsPackets() });
    this.#sync = new FleetSync({ ...shared, onComplete: () => void this.#announcer.outrank() });
    const announcer = options.register ? this.#announcer : undefined;
    this.#receiver = new Receiver({ ...shared, sync: this.#sync, announcer });
    for (const record of options.saved ?? []) this.#fleet.hearRecord(undefined, record);
  }

  /** Subscribes, announces and asks for the fleet. Resolves though no backend is reached: it catches up when one is. */
  async start(): Promise<void> {
    const { clock, sources, listen, register, cleanEveryMs, keepAliveMs, leases, observer } = this.#options;
    this.#cancels.push(
      this.#fleet.onDuplicate((hostname) => observer.duplicate(hostname, hostname === this.#fleet.ownHostname)),
    );
    await this.#receiver.start();
    for (const source of sources) this.#cancels.push(source.link.onChange(() => this.#onLink()));
    if (listen) this.#cancels.push(every(clock, cleanEveryMs, () => this.#sweep()));
    if (leases !== undefined) {
      this.#cancels.push(every(clock, keepAliveMs, () => void tellRenewals(leases, this.#options)));
    }
    if (listen && this.#isUp()) this.#sync.begin();
    if (register) await this.#announcer.start();
  }

  /** Says goodbye and stops. The drivers are not this class's to close. */
  async stop(): Promise<void> {
    for (const cancel of this.#cancels) cancel();
    this.#receiver.stop();
    this.#cancels = [];
    this.#sync.stop();
    if (this.#options.register) await this.#announcer.stop();
  }

  /** Every host that is believed alive, sorted by name; the same array until a host joins, changes or goes. */
  hosts(): readonly Host[] {
    this.#sweepOnRead();
    return this.#fleet.hosts();
  }

  /** Every host that is to be exported: those of `hosts`, and the lingering ones. Sorted; the same array until one changes. */
  exported(): readonly Host[] {
    this.#sweepOnRead();
    return this.#fleet.exported();
  }

  /** How many hosts are held against a mass loss. */
  get held(): number {
    return this.#fleet.held;
  }

  /** An operator believes the loss: lets the hosts go that are held. Returns how many there were. */
  acceptLoss(): number {
    const accepted = this.#fleet.acceptLoss();
    this.#reportHeld();
    return accepted;
  }

  /** How many hosts are listed. */
  get size(): number {
    return this.#fleet.size;
  }

  /** Equal on two daemons that list the same hosts with the same labels. */
  digest(): string {
    return this.#fleet.digest();
  }

  /**
   * Why `hosts` may not be the whole fleet yet; `undefined` when it is. While no backend is reached, what was saved is
   * served: it is old, which `staleSeconds` says, but whole.
   */
  notReady(): string | undefined {
    if (!this.#options.listen) return "this daemon only announces and knows no fleet (listen is off)";
    if (this.#sync.complete) return undefined;
    if (this.#isUp()) return "listening for the fleet";
    if (this.#options.saved !== undefined && this.#options.saved.length > 0) return undefined;
    const causes = this.#options.sources.map(
      ({ name, link }) => `${name}: ${link.lastError?.message ?? "not connected yet"}`,
    );
    return `no backend was reached since the start (${causes.join("; ")})`;
  }

  /** Whole seconds since a backend last answered; `undefined` while one is up. */
  staleSeconds(): number | undefined {
    return this.#isUp() ? undefined : Math.round(this.#ageMs() / 1000);
  }

  /** Announces now what is true now. Does nothing where this host is not to be announced. */
  async announce(): Promise<void> {
    if (this.#options.register) await this.#announcer.announce();
  }

  onChange(listener: (change: HostChange) => void): Cancel {
    return this.#fleet.onChange(listener);
  }

  /** Everything known of the fleet, to be saved and handed to the next start as `saved`. */
  records(): FleetRecord[] {
    return this.#fleet.records(this.#isUp() ? 0 : this.#ageMs());
  }

  #onLink(): void {
    if (!this.#isUp()) {
      this.#sync.pause();
      return;
    }
    if (this.#options.listen) this.#sync.begin();
    if (this.#options.register) void this.#announcer.announce({ full: true });
  }

  /** Original daemons understand nothing but packets; whether there are any knows only who listens, and has for a while. */
  #needsPackets(): boolean {
    const { packets = "auto", listen } = this.#options;
    return packets === "always" || !listen || !this.#sync.complete || this.#hasOriginals;
  }

  /** An original daemon can't sign. Where that is enforced it is not listed, and yet goes on hearing this fleet. */
  get #hasOriginals(): boolean {
    const { clock, ttlMs } = this.#options;
    return this.#fleet.hasOriginals || clock.monotonic() - this.#unsignedAt < ttlMs;
  }

  #isUp(): boolean {
    return this.#options.sources.some((source) => source.link.state === "up");
  }

  /** Milliseconds since a backend last answered, here or, where none has yet, when the saved fleet was heard. */
  #ageMs(): number {
    const lastProof = Math.max(...this.#options.sources.map((source) => source.link.lastProof));
    const last = lastProof === Number.NEGATIVE_INFINITY ? this.#savedAt : lastProof;
    return Math.max(0, this.#options.clock.monotonic() - last);
  }

  #sweepOnRead(): void {
    if (this.#options.clock.monotonic() - this.#sweptAt >= SWEEP_ON_READ_MS) this.#sweep();
  }

  #sweep(): void {
    this.#sweptAt = this.#options.clock.monotonic();
    this.#fleet.sweep();
    this.#reportHeld();
  }

  #reportHeld(): void {
    const { held } = this.#fleet;
    if (held !== this.#reportedHeld) this.#options.observer.held(held);
    this.#reportedHeld = held;
  }
}

function withSigning(options: PresenceOptions, onUnsigned: () => void): PresenceOptions {
  const { clock, observer, signing, sources } = options;
  const secure = (source: PresenceSource): PresenceSource =>
    signing === undefined ? unsignedSource(source) : signedSource(source, signing, { clock, observer, onUnsigned });
  return { ...options, sources: sources.map(secure) };
}

/** Two announcements missed, where the TTL has room for that: late enough to be doubted before its time is up. */
function lateAfterMs({ ttlMs, keepAliveMs }: PresenceOptions): number {
  return Math.max(ttlMs / 2, Math.min(2.5 * keepAliveMs, 0.9 * ttlMs));
}
