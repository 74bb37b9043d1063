import type { Cancel } from "../../src/clock.ts";
import {
  checkStoreKey,
  checkStoreValue,
  type Epoch,
  type Revision,
  type Store,
  type StoreChange,
  type StoreEntry,
  type StoreObserver,
  type StorePosition,
  type StoreSnapshot,
  type WriteOptions,
} from "../../src/driver/store.ts";
import { DiscoveryError } from "../../src/error.ts";

/** How long something takes on its way to or from the backend. */
export type Delay = () => Promise<unknown>;

interface Watcher {
  readonly observer: StoreObserver;
  /** Everything told so far, in order. */
  tail: Promise<unknown>;
  cancelled: boolean;
}

/** A backend in memory, with the semantics of `driver/store.ts`; each daemon under test connects with a store of its own. */
export class MemoryBackend {
  /** While down nothing is written; what was written before still reaches the watchers. */
  down = false;
  /** Refuses writes of these keys while the rest goes through. */
  refuses: (key: string) => boolean = () => false;
  readonly #delay: Delay;
  readonly #watchers = new Set<Watcher>();
  #entries = new Map<string, StoreEntry>();
  #revision: Revision = 0;
  #epoch: Epoch = { id: "epoch-0", origin: "fresh", base: 0 };
  #epochs = 0;

  constructor(delay: Delay = () => Promise.resolve()) {
    this.#delay = delay;
  }

  get entries(): ReadonlyMap<string, StoreEntry> {
    return this.#entries;
  }

  /** Writes past every rule, as somebody with a client of the backend's own would. */
  plant(key: string, value: string): void {
    this.#change(key, value);
  }

  /** Comes back with nothing. */
  loseData(): void {
    this.#entries = new Map();
    this.#begin("fresh", this.#revision + 1);
  }

  connect(): Store {
    return {
      put: async (key, value, options) => {
        checkStoreKey(key);
        checkStoreValue(key, value);
        return this.#answer(() => {
          this.#check(key, options);
          return this.#change(key, value);
        });
      },
      delete: async (key, options) => {
        checkStoreKey(key);
        return this.#answer(() => {
          if (!this.#entries.has(key)) throw new DiscoveryError("not_found", `no key ${key}`);
          this.#check(key, options);
          return this.#change(key, undefined);
        });
      },
      watch: async (observer, seen) => this.#watch(observer, seen),
      restore: async (replica, lost) => this.#answer(() => this.#restore(replica, lost)),
      wipe: async () =>
        this.#answer(() => {
          this.#entries = new Map();
          return this.#begin("wiped", this.#revision + 1);
        }),
    };
  }

  async #answer(write: () => Revision): Promise<Revision> {
    await this.#delay();
    if (this.down) throw new DiscoveryError("unavailable", "the backend is down");
    const revision = write();
    await this.#delay();
    return revision;
  }

  #check(key: string, { ifRevision }: WriteOptions = {}): void {
    if (this.refuses(key)) throw new DiscoveryError("unavailable", `refused ${key}`);
    const found = this.#entries.get(key)?.revision ?? 0;
    if (ifRevision === undefined || ifRevision === found) return;
    throw new DiscoveryError("revision_conflict", `key ${key}: expected ${ifRevision}, found ${found}`);
  }

  #change(key: string, value: string | undefined): Revision {
    this.#revision += 1;
    const change: StoreChange = { revision: this.#revision, key, value };
    if (value === undefined) this.#entries.delete(key);
    else this.#entries.set(key, { value, revision: this.#revision });
    this.#tell((observer) => observer.onChange(change));
    return this.#revision;
  }

  #restore(replica: StoreSnapshot, lost: Epoch): Revision {
    const { id, origin, base } = this.#epoch;
    if (id !== lost.id || (origin !== "fresh" && origin !== "rewound")) {
      throw new DiscoveryError("revision_conflict", "another daemon was first");
    }
    const kept = [...this.#entries].filter(([, { revision }]) => revision > base);
    this.#entries = new Map([...replica.entries, ...kept]);
    return this.#begin("restored", Math.max(this.#revision, replica.revision) + 1);
  }

  #begin(origin: Epoch["origin"], base: Revision): Revision {
    this.#epochs += 1;
    this.#epoch = { id: `epoch-${this.#epochs}`, origin, base };
    this.#revision = base;
    const snapshot = this.#snapshot();
    this.#tell((observer) => observer.onSnapshot(snapshot));
    return base;
  }

  #snapshot(): StoreSnapshot {
    return { epoch: this.#epoch, revision: this.#revision, entries: new Map(this.#entries) };
  }

  #watch(observer: StoreObserver, seen?: StorePosition): Cancel {
    if (seen?.epochId === this.#epoch.id && seen.revision > this.#revision) this.#begin("rewound", this.#revision);
    const watcher: Watcher = { observer, tail: Promise.resolve(), cancelled: false };
    this.#watchers.add(watcher);
    const snapshot = this.#snapshot();
    this.#tellOne(watcher, (each) => each.onSnapshot(snapshot));
    return () => {
      watcher.cancelled = true;
      this.#watchers.delete(watcher);
    };
  }

  #tell(call: (observer: StoreObserver) => void): void {
    for (const watcher of this.#watchers) this.#tellOne(watcher, call);
  }

  #tellOne(watcher: Watcher, call: (observer: StoreObserver) => void): void {
    const arrived = this.#delay();
    watcher.tail = watcher.tail
      .then(() => arrived)
      .then(() => {
        if (!watcher.cancelled) call(watcher.observer);
      });
  }
}
