import type { Epoch, Revision, StoreChange, StoreEntry, StoreObserver, StoreSnapshot } from "@org/discovery-core";

/** One call that a watcher got. */
export type WatchEvent =
  | { readonly kind: "snapshot"; readonly snapshot: StoreSnapshot }
  | { readonly kind: "change"; readonly change: StoreChange };

/** A watcher that remembers every call, and the state that follows from them. */
export class Recorder implements StoreObserver {
  readonly events: WatchEvent[] = [];
  readonly snapshots: StoreSnapshot[] = [];
  readonly changes: StoreChange[] = [];
  #entries = new Map<string, StoreEntry>();
  #revision = 0;

  onSnapshot(snapshot: StoreSnapshot): void {
    this.events.push({ kind: "snapshot", snapshot });
    this.snapshots.push(snapshot);
    this.#entries = new Map(snapshot.entries);
    this.#revision = snapshot.revision;
  }

  onChange(change: StoreChange): void {
    this.events.push({ kind: "change", change });
    this.changes.push(change);
    this.#revision = change.revision;
    if (change.value === undefined) this.#entries.delete(change.key);
    else this.#entries.set(change.key, { value: change.value, revision: change.revision });
  }

  /** The last revision told; 0 before the first snapshot. */
  get revision(): Revision {
    return this.#revision;
  }

  /** The epoch of the last snapshot. */
  get epoch(): Epoch | undefined {
    return this.snapshots.at(-1)?.epoch;
  }

  get(key: string): StoreEntry | undefined {
    return this.#entries.get(key);
  }

  /** Key to value, sorted by key. */
  get values(): Readonly<[string, string]>[] {
    return [...this.#entries].map(([key, entry]) => [key, entry.value] as const).toSorted(byKey);
  }

  /** The state as a replica that could be written back. */
  replica(): StoreSnapshot {
    const epoch = this.epoch;
    if (epoch === undefined) throw new Error("no snapshot yet");
    return { epoch, revision: this.#revision, entries: new Map(this.#entries) };
  }
}

function byKey(left: readonly [string, string], right: readonly [string, string]): number {
  return left[0] < right[0] ? -1 : Number(left[0] > right[0]);
}
