import {
  DiscoveryError,
  checkStoreKey,
  checkStoreValue,
  type Cancel,
  type Epoch,
  type Revision,
  type Store,
  type StoreEntry,
  type StoreObserver,
  type StorePosition,
  type StoreSnapshot,
  type WriteOptions,
} from "@org/discovery-core";
import type { BucketState } from "./bucket-state.ts";
import { OPERATION_HEADER } from "./bucket-message.ts";
import type { Write } from "./publisher.ts";
import { restoreEntries } from "./restore.ts";
import type { StoreParts } from "./store-parts.ts";
import { wipeEntries } from "./wipe.ts";

/** A JetStream key-value bucket as a store. */
export class NatsStore implements Store {
  readonly #parts: StoreParts;

  constructor(parts: StoreParts) {
    this.#parts = parts;
  }

  async put(key: string, value: string, { ifRevision }: WriteOptions = {}): Promise<Revision> {
    checkStoreKey(key);
    checkStoreValue(key, value);
    const write = { subject: this.#parts.bucket.entry(key), text: value };
    if (ifRevision === undefined) return this.#write(write);
    const forbidden = (state: BucketState): DiscoveryError | undefined => conflict(key, state.entry(key), ifRevision);
    return this.#parts.lane.run({ key, forbidden, write: () => write });
  }

  async delete(key: string, { ifRevision }: WriteOptions = {}): Promise<Revision> {
    checkStoreKey(key);
    const write = { subject: this.#parts.bucket.entry(key), text: "", headers: { [OPERATION_HEADER]: "DEL" } };
    const forbidden = (state: BucketState): DiscoveryError | undefined => {
      const entry = state.entry(key);
      if (entry === undefined) return missing(key);
      return ifRevision === undefined ? undefined : conflict(key, entry, ifRevision);
    };
    return this.#parts.lane.run({ key, forbidden, write: () => write });
  }

  async watch(observer: StoreObserver, seen?: StorePosition): Promise<Cancel> {
    return this.#parts.mirror.watch(observer, seen);
  }

  async restore(replica: StoreSnapshot, lost: Epoch): Promise<Revision> {
    return restoreEntries(this.#parts, replica, lost);
  }

  async wipe(): Promise<Revision> {
    return wipeEntries(this.#parts);
  }

  /** Writes in any case. Fails at once with `unavailable` while the link is down. */
  async #write(write: Write): Promise<Revision> {
    const { connection, context, mirror, publisher, timeoutMs } = this.#parts;
    connection.required();
    const deadline = context.clock.monotonic() + timeoutMs;
    const { state, created } = await mirror.live(timeoutMs);
    const before = { created, sequence: state.last.sequence };
    return mirror.revisionOf(await publisher.publish(write, deadline), before, timeoutMs);
  }
}

function conflict(key: string, entry: StoreEntry | undefined, ifRevision: Revision): DiscoveryError | undefined {
  const revision = entry?.revision ?? 0;
  if (revision === ifRevision) return undefined;
  const found = revision === 0 ? "there is none" : `it has ${revision}`;
  return new DiscoveryError(
    "revision_conflict",
    `store key ${JSON.stringify(key)}: expected revision ${ifRevision}, ${found}`,
  );
}

function missing(key: string): DiscoveryError {
  return new DiscoveryError("not_found", `store key ${JSON.stringify(key)}: there is none`);
}
