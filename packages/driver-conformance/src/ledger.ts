import type { Revision, Store, StoreChange, StoreSnapshot, WriteOptions } from "@org/discovery-core";
import { assertSame, assertThat } from "./assert.ts";
import type { Recorder } from "./recorder.ts";

/**
 * Every acknowledged write of one epoch, and so what each watcher must have been told. Fit only where no write has an
 * unknown outcome.
 */
export class Ledger {
  readonly #writes: StoreChange[] = [];

  async put(store: Store, [key, value]: readonly [string, string], options: WriteOptions = {}): Promise<Revision> {
    const revision = await store.put(key, value, options);
    this.#writes.push({ revision, key, value });
    return revision;
  }

  async delete(store: Store, key: string): Promise<Revision> {
    const revision = await store.delete(key);
    this.#writes.push({ revision, key, value: undefined });
    return revision;
  }

  /** The last revision written. */
  get last(): Revision {
    return Math.max(0, ...this.#writes.map((write) => write.revision));
  }

  /** Throws unless the watcher was told whole snapshots, and every write after each exactly once and in order, to the end. */
  check(recorder: Recorder): void {
    const writes = this.#writes.toSorted((left, right) => left.revision - right.revision);
    assertSame(new Set(writes.map((write) => write.revision)).size, writes.length, "distinct revisions of all writes");
    let told = 0;
    for (const event of recorder.events) {
      if (event.kind === "snapshot") {
        assertThat(event.snapshot.revision >= told, `snapshot of revision ${event.snapshot.revision} after ${told}`);
        checkSnapshot(event.snapshot, writes);
        told = event.snapshot.revision;
      } else {
        const after = told;
        const expected = writes.find((write) => write.revision > after);
        assertSame(event.change, expected, `the change after revision ${told}`);
        told = event.change.revision;
      }
    }
    assertThat(told >= this.last, `the watcher stopped at revision ${told}, the last write is ${this.last}`);
  }
}

function checkSnapshot(snapshot: StoreSnapshot, writes: readonly StoreChange[]): void {
  const expected = new Map<string, StoreChange>();
  for (const write of writes) {
    if (write.revision > snapshot.revision) break;
    if (write.value === undefined) expected.delete(write.key);
    else expected.set(write.key, write);
  }
  assertSame(
    [...snapshot.entries.keys()].toSorted(),
    [...expected.keys()].toSorted(),
    `keys of the snapshot at ${snapshot.revision}`,
  );
  for (const [key, write] of expected) {
    const { value, revision } = write;
    assertSame(snapshot.entries.get(key), { value, revision }, `${JSON.stringify(key)} at ${snapshot.revision}`);
  }
}
