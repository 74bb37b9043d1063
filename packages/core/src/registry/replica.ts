import type { Cancel, Clock } from "../clock.ts";
import type { Epoch, Revision, Store, StoreChange, StoreEntry, StoreSnapshot, WriteOptions } from "../driver/store.ts";
import type { Log } from "../log.ts";
import { OwnWrites } from "./own-writes.ts";
import { Refill } from "./refill.ts";

export interface ReplicaOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Store;
  /** The replica as it was saved when this daemon last ran. */
  readonly saved?: StoreSnapshot;
  /**
   * Milliseconds that a daemon with nothing of its own waits, before it believes a new backend to be empty, for others to
   * refill it. One that only has what it saved waits half of that: who has followed the store until it was lost knows more.
   */
  readonly settleMs?: number;
}

/** What readers are told after a change: one key, or everything where `key` is absent. */
export interface ReplicaChange {
  readonly revision: Revision;
  readonly key?: string;
}

const SETTLE_MS = 2000;

/**
 * The whole store in memory. Reads never wait; a write resolves when this replica shows it.
 *
 * A backend that lost its data does not empty it: while the epoch is `fresh` or `rewound` and this replica holds anything,
 * it keeps what it has and writes it back; the store lets exactly one daemon do so, and the snapshot that follows is
 * everybody's. Only an epoch of origin `wiped` empties a replica.
 */
export class Replica {
  readonly #options: ReplicaOptions;
  #entries: Map<string, StoreEntry>;
  #revision: Revision;
  #epoch: Epoch | undefined;
  /** The epoch that is waiting to be refilled, with what the backend holds of it meanwhile. */
  #lost: StoreSnapshot | undefined;
  #live = false;
  readonly #ownWrites: OwnWrites;
  readonly #refill: Refill;
  #cancelSettling: Cancel = () => {};
  #cancelWatch: Cancel = () => {};
  readonly #listeners = new Set<(change: ReplicaChange) => void>();

  constructor(options: ReplicaOptions) {
    this.#options = options;
    this.#ownWrites = new OwnWrites(options.clock);
    this.#refill = new Refill(options);
    this.#entries = new Map(options.saved?.entries);
    this.#revision = options.saved?.revision ?? 0;
    this.#epoch = options.saved?.epoch;
  }

  /** Begins to watch the store. Resolves at once; `live` becomes true when the store was seen. */
  async start(): Promise<void> {
    const observer = {
      onSnapshot: (snapshot: StoreSnapshot) => this.#onSnapshot(snapshot),
      onChange: (change: StoreChange) => this.#onChange(change),
    };
    const { saved, store } = this.#options;
    const seen = saved === undefined ? undefined : { epochId: saved.epoch.id, revision: saved.revision };
    this.#cancelWatch = await store.watch(observer, seen);
  }

  /** Leaves no timer behind, also where it is writing itself back. */
  stop(): void {
    this.#cancelWatch();
    this.#cancelSettling();
    this.#refill.stop();
    this.#lost = undefined;
    this.#ownWrites.stop();
  }

  /** Whether this replica has seen the store, and believes what it saw. */
  get live(): boolean {
    return this.#live;
  }

  /** Whether the backend was found empty, and this replica, with nothing to write back, waits whether others have. */
  get settling(): boolean {
    return !this.#live && this.#lost !== undefined && this.#entries.size === 0;
  }

  /** Why the backend, which lost its data, could not be refilled; `undefined` where that is not so, or not yet. */
  get refillFailure(): Error | undefined {
    return this.#refill.failure;
  }

  get revision(): Revision {
    return this.#revision;
  }

  get epoch(): Epoch | undefined {
    return this.#epoch;
  }

  get entries(): ReadonlyMap<string, StoreEntry> {
    return this.#entries;
  }

  /** What to save, and to hand to the next start; `undefined` before the store was ever seen. */
  snapshot(): StoreSnapshot | undefined {
    if (this.#epoch === undefined) return undefined;
    return { epoch: this.#epoch, revision: this.#revision, entries: new Map(this.#entries) };
  }

  onChange(listener: (change: ReplicaChange) => void): Cancel {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** As `Store.put`; resolves when this replica shows the write or a later one. */
  put(key: string, value: string, options?: WriteOptions): Promise<Revision> {
    return this.#write(() => this.#options.store.put(key, value, options));
  }

  /** As `Store.delete`; resolves when this replica shows the deletion or a later write. */
  delete(key: string, options?: WriteOptions): Promise<Revision> {
    return this.#write(() => this.#options.store.delete(key, options));
  }

  /** As `Store.wipe`; resolves when this replica is empty, or shows what was written since. */
  wipe(): Promise<Revision> {
    return this.#write(() => this.#options.store.wipe());
  }

  async #write(send: () => Promise<Revision>): Promise<Revision> {
    const write = this.#ownWrites.begin();
    try {
      const revision = await send();
      await write.shown(revision);
      return revision;
    } finally {
      write.end();
    }
  }

  #onSnapshot(snapshot: StoreSnapshot): void {
    this.#cancelSettling();
    const isLoss = snapshot.epoch.origin === "fresh" || snapshot.epoch.origin === "rewound";
    if (!isLoss || snapshot.epoch.id === this.#epoch?.id) {
      this.#adopt(snapshot);
      return;
    }
    this.#lost = snapshot;
    const replica = this.snapshot();
    const settleMs = this.#options.settleMs ?? SETTLE_MS;
    if (replica === undefined || replica.entries.size === 0) this.#settle(settleMs);
    else this.#refill.begin(replica, snapshot.epoch, this.#live ? 0 : settleMs / 2);
  }

  #onChange(change: StoreChange): void {
    if (this.#lost !== undefined) {
      this.#lost = applied(this.#lost, change);
      return;
    }
    apply(this.#entries, change);
    this.#moveTo(change.revision, change.key);
  }

  /** Nothing to write back. Others may have: give them time before the emptiness is believed. */
  #settle(settleMs: number): void {
    const adopt = (): void => {
      if (this.#lost !== undefined) this.#adopt(this.#lost);
    };
    if (settleMs <= 0) adopt();
    else this.#cancelSettling = this.#options.clock.after(settleMs, adopt);
  }

  #adopt(snapshot: StoreSnapshot): void {
    this.#lost = undefined;
    this.#refill.stop();
    this.#live = true;
    this.#epoch = snapshot.epoch;
    this.#entries = new Map(snapshot.entries);
    this.#moveTo(snapshot.revision);
  }

  #moveTo(revision: Revision, key?: string): void {
    this.#revision = revision;
    for (const listener of this.#listeners) listener(key === undefined ? { revision } : { revision, key });
    this.#ownWrites.show(revision);
  }
}

function apply(entries: Map<string, StoreEntry>, { key, value, revision }: StoreChange): void {
  if (value === undefined) entries.delete(key);
  else entries.set(key, { value, revision });
}

function applied(snapshot: StoreSnapshot, change: StoreChange): StoreSnapshot {
  const entries = new Map(snapshot.entries);
  apply(entries, change);
  return { ...snapshot, entries, revision: change.revision };
}
