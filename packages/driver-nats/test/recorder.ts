import type { StoreChange, StoreEntry, StoreObserver, StoreSnapshot } from "@org/discovery-core";

/** A watcher that remembers what it was told, the state that follows, and whatever came out of order. */
export class Recorder implements StoreObserver {
  readonly snapshots: StoreSnapshot[] = [];
  readonly changes: StoreChange[] = [];
  readonly disorder: string[] = [];
  revision = 0;
  entries = new Map<string, StoreEntry>();

  onSnapshot(snapshot: StoreSnapshot): void {
    if (snapshot.revision < this.revision) this.disorder.push(`snapshot ${snapshot.revision} after ${this.revision}`);
    this.snapshots.push(snapshot);
    this.revision = snapshot.revision;
    this.entries = new Map(snapshot.entries);
  }

  onChange(change: StoreChange): void {
    const { key, value, revision } = change;
    if (revision <= this.revision) this.disorder.push(`change ${revision} after ${this.revision}`);
    this.changes.push(change);
    this.revision = revision;
    if (value === undefined) this.entries.delete(key);
    else this.entries.set(key, { value, revision });
  }

  get last(): StoreSnapshot | undefined {
    return this.snapshots.at(-1);
  }

  /** Key to value. */
  get values(): Record<string, string> {
    return Object.fromEntries([...this.entries].map(([key, { value }]) => [key, value]));
  }

  /** What a daemon would write back. */
  replica(): StoreSnapshot {
    if (this.last === undefined) throw new Error("no snapshot yet");
    return { epoch: this.last.epoch, revision: this.revision, entries: new Map(this.entries) };
  }
}
