import type { HostChange } from "@org/discovery-core";
import type { KnownHost } from "../http/presence-view.ts";
import { hostChanges, type Departure } from "./host-changes.ts";

/** What there is to tell a receiver. */
export interface HostNews {
  /** Since what it was last told; sorted by hostname. */
  readonly changes: readonly HostChange[];
  /** All known hosts, sorted by hostname. */
  readonly hosts: readonly KnownHost[];
}

/**
 * What one receiver has not been told yet: the net difference between the hosts that it knows and those that are known now.
 * It knows none at first, so that its first news has every host as `joined`. Keeps no more than what it knows and what it is
 * being told, however long the receiver cannot be told.
 */
export class Untold {
  readonly #hosts: () => readonly KnownHost[];
  /** What the receiver knows, by hostname. */
  #known: ReadonlyMap<string, KnownHost> = new Map();
  /** The names in the latest news: what the receiver knows once it was told. */
  #offered: ReadonlySet<string> = new Set();
  /** Why hosts went that the receiver knows, or is about to. May hold some that are back. */
  #departures = new Map<string, Departure>();
  /** Whether the receiver failed on news since, so that nobody can say what it made of it. */
  #isInDoubt = false;
  #news: HostNews | undefined;

  /** @param hosts those known now, sorted by hostname; the same array until one of them joins, changes or goes. */
  constructor(hosts: () => readonly KnownHost[]) {
    this.#hosts = hosts;
  }

  /** Whether the receiver needs to be told anything. */
  get isEmpty(): boolean {
    return this.latest().changes.length === 0 && !this.#isInDoubt;
  }

  /** All that the receiver has not been told, as of now. The same object until a host changes or the receiver is told. */
  latest(): HostNews {
    const hosts = this.#hosts();
    if (this.#news?.hosts !== hosts) {
      this.#news = { changes: hostChanges(this.#known, hosts, this.#departures), hosts };
      this.#offered = new Set(hosts.map(({ hostname }) => hostname));
    }
    return this.#news;
  }

  /** Remembers why a host went. */
  note({ hostname, reason }: HostChange): void {
    if (reason !== "left" && reason !== "expired") return;
    if (this.#known.has(hostname) || this.#offered.has(hostname)) this.#departures.set(hostname, reason);
  }

  /** The receiver took the news. */
  told({ hosts }: HostNews): void {
    this.#known = new Map(hosts.map((host) => [host.hostname, host]));
    this.#departures = new Map([...this.#departures].filter(([hostname]) => this.#known.has(hostname)));
    this.#isInDoubt = false;
    this.#news = undefined;
  }

  /** The receiver failed on news, or may have. It will be told again, together with what changes until then. */
  failed(): void {
    this.#isInDoubt = true;
  }
}
