import type { Cancel, Clock } from "../clock.ts";
import type { Link } from "../driver/link.ts";
import type { Revision } from "../driver/store.ts";
import { isExpired } from "../presence/expiry.ts";
import { crc64 } from "./crc64.ts";

export interface LeasesOptions {
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
  /** Not renewed for its TTL: the service is not served. */
  readonly expired: boolean;
}

interface Held {
  readonly ttlMs: number;
  readonly revision: Revision;
  /** Monotonic milliseconds. */
  renewed: number;
  expired: boolean;
}

/** After how many TTLs a service is removed. */
const REMOVAL_TTLS = 2;
const MAX_STAGGER_MS = 10_000;
const TWO_TO_32 = 4_294_967_296;

/**
 * The leases of services that were registered with a TTL, on the monotonic clock. Registering a service renews its lease on
 * every daemon; a renewal is taken by one daemon, which tells the others. A lease expires when it was provably silent for its
 * TTL: while the link is down none does, and each gets a full TTL afterwards, and so after a daemon's start.
 */
export class Leases {
  readonly #options: LeasesOptions;
  readonly #held = new Map<string, Held>();
  readonly #taken = new Set<string>();
  readonly #listeners = new Set<() => void>();

  constructor(options: LeasesOptions) {
    this.#options = options;
  }

  /** The store shows a service with a TTL. Renews where it is new or was registered again. */
  hold(key: string, ttlSeconds: number, revision: Revision): void {
    const known = this.#held.get(key);
    const ttlMs = ttlSeconds * 1000;
    if (known?.revision === revision && known.ttlMs === ttlMs) return;
    this.#held.set(key, { ttlMs, revision, renewed: this.#options.clock.monotonic(), expired: false });
    if (known?.expired === true) this.#tell();
  }

  /** The store shows no such service any more, or one without a TTL. */
  release(key: string): void {
    this.#held.delete(key);
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
      returned ||= lease.expired;
      lease.renewed = now;
      lease.expired = false;
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
    return this.#held.get(key)?.expired ?? false;
  }

  /** The keys of all services that have a lease. */
  keys(): IterableIterator<string> {
    return this.#held.keys();
  }

  get(key: string): Lease | undefined {
    const lease = this.#held.get(key);
    if (lease === undefined) return undefined;
    const ageMs = this.#options.clock.monotonic() - lease.renewed;
    return { ttlSeconds: lease.ttlMs / 1000, ageMs, expired: lease.expired };
  }

  /**
   * Lets leases expire whose time is up; to be called about every second. Gives the keys of the services to be removed by this
   * daemon now: silent for twice their TTL, and a moment more that differs from daemon to daemon, so that one of them does it
   * and the others see that it is done.
   */
  sweep(): string[] {
    const removable: string[] = [];
    let changed = false;
    for (const [key, lease] of this.#held) {
      if (!lease.expired && this.#isSilent(lease, lease.ttlMs)) {
        lease.expired = true;
        changed = true;
      }
      const due = lease.expired && this.#isSilent(lease, lease.ttlMs * REMOVAL_TTLS + this.#stagger(key, lease.ttlMs));
      if (due) removable.push(key);
    }
    if (changed) this.#tell();
    return removable;
  }

  /** Calls `listener` when a lease has expired, or an expired one was renewed. */
  onChange(listener: () => void): Cancel {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
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
