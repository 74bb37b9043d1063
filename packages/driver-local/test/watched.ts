import type { Store, StoreChange, StoreSnapshot } from "@org/discovery-core";

/** A watcher that keeps what it was told. */
export class Watched {
  readonly snapshots: StoreSnapshot[] = [];
  readonly changes: StoreChange[] = [];
  /** Key to value, as far as told. */
  values = new Map<string, string>();

  static async of(store: Store): Promise<Watched> {
    const watched = new Watched();
    await store.watch(watched);
    return watched;
  }

  onSnapshot(snapshot: StoreSnapshot): void {
    this.snapshots.push(snapshot);
    this.values = new Map([...snapshot.entries].map(([key, entry]) => [key, entry.value]));
  }

  onChange(change: StoreChange): void {
    this.changes.push(change);
    if (change.value === undefined) this.values.delete(change.key);
    else this.values.set(change.key, change.value);
  }
}
