import type { Cancel, Clock } from "../clock.ts";
import type { Link } from "../driver/link.ts";
import type { Revision } from "../driver/store.ts";
import { isExpired } from "../presence/expiry.ts";
import type { HostStatus } from "../presence/host.ts";
import { crc64 } from "./crc64.ts";
import {
  type Departure,
  type LeaseDepartureRules,
  LeaseDepartures,
  type LeaseStanding,
  type ListedService,
} from "./lease-departures.ts";

export interface LeasesOptions extends LeaseDepartureRules {
  readonly clock: Clock;
  /** The connection over which renewals come. */
  readonly link: Link;
  /** Tells this daemon from others, so that they do not all remove a service in the same moment. */
  readonly instance: string;
  /**
   * Milliseconds that a renewal taken by another daemon may take to get here, the time for which that daemon collects them
   * included. Every lease lasts that much longer. Default: 0.
   */
  readonly lagMs?: number;
}

/** A service's lease as it stands. */
export interface Lease {
  readonly ttlSeconds: number;
  /** Milliseconds since it was last renewed, as far as this daemon heard. */
  readonly ageMs: number;
  /** Not renewed for its TTL, and not held by the mass-loss guard: the service is not served. */
  readonly expired: boolean;
}

/** How a service with a lease stands. `held` and `lingering` as hosts; `expired`: neither served nor exported. */
export type LeaseStatus = HostStatus | "expired";

interface Held {
  readonly ttlMs: number;
  readonly revision: Revision;
  /** Monotonic milliseconds. */
  renewed: number;
  /** What became of it; `undefined` while it is alive. */
  departure: Departure | undefined;
}

/** After how many TTLs a service is removed. */
const REMOVAL_TTLS = 2;
/** The share of its TTL after which a lease is late: clients renew when half of it is over, or earlier. */
const LATE_SHARE = 2 / 3;
const MAX_STAGGER_MS = 10_000;
const TWO_TO_32 = 4_294_967_296;

/**
 * The leases of services that were registered with a TTL, on the monotonic clock. Registering a service renews its lease on
 * every daemon; a renewal is taken by one daemon, which tells the others. A lease expires when it was provably silent for its
 * TTL: while the link is down none does, and each gets a full TTL afterwards, and so after a daemon's start. And where more of
 * one list would go at once than the guard believes, they are held.
 */
export class Leases {
  readonly #options: LeasesOptions;
  readonly #departures: LeaseDepartures;
  readonly #held = new Map<string, Held>();
  /** Those that are silent and exported all the same. */
  readonly #kept = new Map<string, "held" | "lingering">();
  readonly #taken = new Set<string>();
  readonly #listeners = new Set<() => void>();
  #services: () => Iterable<ListedService> = () => [];

  constructor(options: LeasesOptions) {
    this.#options = options;
    this.#departures = new LeaseDepartures(options.clock, options);
  }

  /** Where the guard learns which services stand in which lists, those without a lease included. */
  guardServices(services: () => Iterable<ListedService>): void {
    this.#services = services;
  }

  /** The store shows a service with a TTL. Renews where it is new or was registered again. */
  hold(key: string, ttlSeconds: number, revision: Revision): void {
    const known = this.#held.get(key);
    const ttlMs = ttlSeconds * 1000;
    if (known?.revision === revision && known.ttlMs === ttlMs) return;
    this.#held.set(key, { ttlMs, revision, renewed: this.#options.clock.monotonic(), departure: undefined });
    this.#kept.delete(key);
    if (known?.departure !== undefined) this.#tell();
  }

  /** The store shows no such service any more, or one without a TTL. */
  release(key: string): void {
    this.#held.delete(key);
    this.#kept.delete(key);
    this.#taken.delete(key);
  }

  /** Renews at the request of whoever registered the service; `takeRenewals` hands it on. False: there is no such lease. */
  renew(key: string): boolean {
    if (!this.#held.has(key)) return false;
    this.#taken.add(key);
    this.heard([key]);
    return true;
  }

  /** Other daemons took these renewals. Keys that have no lease here are ignored. */
  heard(keys: Iterable<string>): void {
    const now = this.#options.clock.monotonic();
    let returned = false;
    for (const key of keys) {
      const lease = this.#held.get(key);
      if (lease === undefined) continue;
      returned ||= lease.departure !== undefined;
      lease.renewed = now;
      this.#depart(key, lease, undefined);
    }
    if (returned) this.#tell();
  }

  /** The keys renewed here since the last call, to be told to the other daemons. */
  takeRenewals(): string[] {
    const keys = [...this.#taken];
    this.#taken.clear();
    return keys;
  }

  /** Whether a service is not to be served. False for one without a lease. */
  isExpired(key: string): boolean {
    const status = this.statusOf(key);
    return status === "expired" || status === "lingering";
  }

  /** How the lease of a service stands; `undefined` for one without. */
  statusOf(key: string): LeaseStatus | undefined {
    const lease = this.#held.get(key);
    return lease === undefined ? undefined : (lease.departure?.status ?? "alive");
  }

  /** The services that nobody renews and that are exported all the same, by key. */
  get kept(): ReadonlyMap<string, "held" | "lingering"> {
    return this.#kept;
  }

  /** How many services are held against a mass loss. */
  get held(): number {
    return [...this.#kept.values()].filter((status) => status === "held").length;
  }

  /** An operator believes the loss: lets the services go that are held. Returns how many there were. */
  acceptLoss(): number {
    const held = [...this.#held].filter(([, { departure }]) => departure?.status === "held");
    for (const [key, lease] of held) this.#depart(key, lease, this.#departures.gone());
    if (held.length > 0) this.#tell();
    return held.length;
  }

  /** The keys of all services that have a lease. */
  keys(): IterableIterator<string> {
    return this.#held.keys();
  }

  get(key: string): Lease | undefined {
    const lease = this.#held.get(key);
    if (lease === undefined) return undefined;
    const ageMs = this.#options.clock.monotonic() - lease.renewed;
    return { ttlSeconds: lease.ttlMs / 1000, ageMs, expired: this.isExpired(key) };
  }

  /**
   * Lets leases expire whose time is up; to be called about every second. Gives the keys of the services to be removed by this
   * daemon now: silent for twice their TTL, and a moment more that differs from daemon to daemon, so that one of them does it
   * and the others see that it is done.
   */
  sweep(): string[] {
    const silent = [...this.#held].filter(
      ([, lease]) => lease.departure === undefined && this.#isSilent(lease, lease.ttlMs),
    );
    if (this.#end(this.#over()) + this.#lose(silent) > 0) this.#tell();
    const due = [...this.#held].filter(
      ([key, lease]) =>
        lease.departure?.status === "expired" &&
        this.#isSilent(lease, lease.ttlMs * REMOVAL_TTLS + this.#stagger(key, lease.ttlMs)),
    );
    return due.map(([key]) => key);
  }

  /** Calls `listener` when a lease has expired or is held, or such a one was renewed. */
  onChange(listener: () => void): Cancel {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Those that were held or lingered for long enough. What is not provably silent now, stays. */
  #over(): [string, Held][] {
    const now = this.#options.clock.monotonic();
    return [...this.#kept.keys()].flatMap((key) => {
      const lease = this.#held.get(key);
      const isOver =
        lease?.departure !== undefined && lease.departure.until <= now && this.#isSilent(lease, lease.ttlMs);
      return isOver ? [[key, lease] as [string, Held]] : [];
    });
  }

  #end(over: readonly [string, Held][]): number {
    for (const [key, lease] of over) {
      if (lease.departure !== undefined) this.#depart(key, lease, this.#departures.after(lease.departure));
    }
    return over.length;
  }

  #lose(silent: readonly [string, Held][]): number {
    if (silent.length === 0) return 0;
    const held = this.#departures.hold(this.#services(), (key) => this.#standingOf(key));
    for (const [key, lease] of silent) {
      this.#depart(key, lease, held.has(key) ? this.#departures.held() : this.#departures.gone());
    }
    return silent.length;
  }

  #standingOf(key: string): LeaseStanding | undefined {
    const lease = this.#held.get(key);
    if (lease === undefined) return undefined;
    const { ttlMs, departure } = lease;
    if (departure !== undefined) return { ttlMs, standing: "held" };
    if (this.#isSilent(lease, ttlMs)) return { ttlMs, standing: "silent" };
    return { ttlMs, standing: this.#isSilent(lease, ttlMs * LATE_SHARE) ? "doubtful" : "present" };
  }

  #depart(key: string, lease: Held, departure: Departure | undefined): void {
    lease.departure = departure;
    if (departure === undefined || departure.status === "expired") this.#kept.delete(key);
    else this.#kept.set(key, departure.status);
  }

  #isSilent({ renewed }: Held, forMs: number): boolean {
    return isExpired([renewed], [this.#options.link], forMs + (this.#options.lagMs ?? 0));
  }

  #stagger(key: string, ttlMs: number): number {
    const share = crc64(`${this.#options.instance} ${key}`).high / TWO_TO_32;
    return share * Math.min(ttlMs, MAX_STAGGER_MS);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
