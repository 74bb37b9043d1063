import type { Clock, Revision, Selector } from "@org/discovery-core";

/** What a list is made from. */
export type ListSource = "hosts" | "registry";

/** That somebody fetched a target list. */
export interface Fetch {
  /** The list as it was asked for: path and the parameters that make a difference. */
  readonly list: string;
  readonly source: ListSource;
  /** The expression for the server's name, where the list is made from services. */
  readonly server?: string;
  readonly namespace?: string;
  /** Which hosts were asked for, where it is made from hosts. */
  readonly selector?: Selector;
  /** Address of whoever asked. */
  readonly remote?: string;
  /** Seconds between two fetches, as Prometheus says; absent where somebody else asks. */
  readonly intervalSeconds?: number;
  /** The store's revision that was shown; absent for hosts. */
  readonly revision?: Revision;
  readonly etag: string;
}

/** Who fetches a list, as it stands. */
export interface Scraper extends Fetch {
  /** Unix milliseconds of the last fetch. */
  readonly fetched: number;
  /** Fetches since this daemon's start. */
  readonly fetches: number;
  /** Seconds for which there has been something newer than what was fetched; 0 while it is current. */
  readonly lagSeconds: number;
  /** Whether three fetches are missing. False where nobody says how often to expect them. */
  readonly overdue: boolean;
}

interface Entry {
  fetch: Fetch;
  fetches: number;
  fetched: number;
  /** Monotonic milliseconds. */
  fetchedAt: number;
  /** Monotonic milliseconds at which something newer came; `undefined` while what was fetched is current. */
  outdatedAt: number | undefined;
}

export interface ScraperLedgerOptions {
  readonly clock: Clock;
  /** How many lists are remembered. Default: 1,000. */
  readonly limit?: number;
}

const LIMIT = 1000;
/** Longest list that is remembered, in characters. */
const MAX_LIST = 1000;
/** A list that nobody fetched for so long is forgotten, in milliseconds: its Prometheus was taken out of service. */
const FORGET_MS = 24 * 60 * 60 * 1000;
const OVERDUE_INTERVALS = 3;

/**
 * Who fetched which target list from this daemon, and whether that is still what there is. Clients choose what they ask for, so
 * the number of lists is bounded: where it is full, one that was asked for only once makes room, and one asked for again never does.
 */
export class ScraperLedger {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #entries = new Map<string, Entry>();
  readonly #current: Readonly<Record<ListSource, Set<Entry>>> = { hosts: new Set(), registry: new Set() };

  constructor({ clock, limit = LIMIT }: ScraperLedgerOptions) {
    this.#clock = clock;
    this.#limit = limit;
  }

  /**
   * Notes a fetch. One by a person is not noted for a list that a Prometheus fetches: it would hide that this has stopped.
   *
   * @param again whether it is another look at the list by a request that waits for it to change, which is one fetch in all.
   */
  record(fetch: Fetch, again = false): void {
    if (fetch.list.length > MAX_LIST) return;
    const known = this.#entries.get(fetch.list);
    if (known?.fetch.intervalSeconds !== undefined && fetch.intervalSeconds === undefined) return;
    if (known === undefined && !this.#hasRoom()) return;
    const entry = known ?? { fetch, fetches: 0, fetched: 0, fetchedAt: 0, outdatedAt: undefined };
    entry.fetch = fetch;
    if (!again || known === undefined) entry.fetches += 1;
    entry.fetched = this.#clock.now();
    entry.fetchedAt = this.#clock.monotonic();
    entry.outdatedAt = undefined;
    this.#entries.set(fetch.list, entry);
    this.#current[fetch.source].add(entry);
  }

  /** What lists are made from has changed: all that was fetched so far is outdated. */
  changed(source: ListSource): void {
    const now = this.#clock.monotonic();
    for (const entry of this.#current[source]) entry.outdatedAt = now;
    this.#current[source].clear();
  }

  /** All lists, in the order in which they were first fetched. */
  scrapers(): readonly Scraper[] {
    this.#forget();
    const now = this.#clock.monotonic();
    return Array.from(this.#entries.values(), ({ fetch, fetches, fetched, fetchedAt, outdatedAt }) => ({
      ...fetch,
      fetches,
      fetched,
      lagSeconds: outdatedAt === undefined ? 0 : (now - outdatedAt) / 1000,
      overdue:
        fetch.intervalSeconds !== undefined && now - fetchedAt > OVERDUE_INTERVALS * fetch.intervalSeconds * 1000,
    }));
  }

  #hasRoom(): boolean {
    if (this.#entries.size < this.#limit) return true;
    this.#forget();
    if (this.#entries.size < this.#limit) return true;
    const once = [...this.#entries].find(([, { fetches }]) => fetches === 1);
    if (once === undefined) return false;
    this.#drop(...once);
    return true;
  }

  #forget(): void {
    const since = this.#clock.monotonic() - FORGET_MS;
    for (const [list, entry] of this.#entries) if (entry.fetchedAt <= since) this.#drop(list, entry);
  }

  #drop(list: string, entry: Entry): void {
    this.#entries.delete(list);
    this.#current[entry.fetch.source].delete(entry);
  }
}
