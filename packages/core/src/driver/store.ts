import type { Cancel } from "../clock.ts";
import { DiscoveryError } from "../error.ts";

/** The store's counter. Every write gets the next one; a positive safe integer, 0 for "never written". */
export type Revision = number;

/**
 * One life of the backend's data. A backend that lost data begins a new one, so that nobody takes the loss for a deletion.
 *
 * - `fresh`: the backend had no data. It is new, or was emptied behind our back.
 * - `rewound`: the backend came back with data older than what a watcher had already seen.
 * - `wiped`: an operator emptied it on purpose.
 * - `restored`: was `fresh` or `rewound`; a daemon has written its replica back.
 */
export interface Epoch {
  readonly id: string;
  readonly origin: "fresh" | "rewound" | "wiped" | "restored";
  /** The revision at which this epoch began; entries above it were written by somebody since. */
  readonly base: Revision;
}

export interface StoreEntry {
  readonly value: string;
  /** The write that gave it this value. */
  readonly revision: Revision;
}

export interface StoreSnapshot {
  readonly epoch: Epoch;
  readonly revision: Revision;
  readonly entries: ReadonlyMap<string, StoreEntry>;
}

export interface StoreChange {
  readonly revision: Revision;
  readonly key: string;
  /** `undefined`: the key was deleted. */
  readonly value: string | undefined;
}

/** How far somebody has seen a store. */
export interface StorePosition {
  readonly epochId: string;
  readonly revision: Revision;
}

/** Takes what a `watch` sees. Neither method may throw. */
export interface StoreObserver {
  /** The whole store. Replaces all that this observer was told before. */
  onSnapshot(snapshot: StoreSnapshot): void;
  /** One write after the last snapshot or change: revisions rise, none is skipped. */
  onChange(change: StoreChange): void;
}

export interface WriteOptions {
  /** Write only if the key's entry still has this revision; 0: only if there is no such key. Without it, write in any case. */
  readonly ifRevision?: Revision;
}

/**
 * A small durable map with compare-and-set and an ordered watch.
 *
 * A write resolves with its revision once the backend has it as safely as it was configured to keep things.
 * It fails with `revision_conflict` (lost race, nothing written), `invalid_argument` (see `checkStoreKey`, `checkStoreValue`),
 * `unavailable` (not written) or `outcome_unknown` (the backend was lost before it answered).
 */
export interface Store {
  put(key: string, value: string, options?: WriteOptions): Promise<Revision>;
  /** Fails with `not_found` where there is no such key. */
  delete(key: string, options?: WriteOptions): Promise<Revision>;
  /**
   * One snapshot, then every later change exactly once, in revision order, this process's own included. After a lost
   * connection it goes on where it was, or gives a new snapshot where the backend has forgotten the changes between, or
   * where the epoch is another one. Resolves at once; the first snapshot comes when the backend is reached.
   *
   * `seen` is how far this daemon had seen the store before it was started: a backend found in that epoch at a lower revision
   * went back meanwhile, and begins an epoch `rewound`, as under a watcher that sees it go back.
   */
  watch(observer: StoreObserver, seen?: StorePosition): Promise<Cancel>;
  /**
   * Writes a replica back after the backend lost data: where the epoch is still `lost` and of origin `fresh` or `rewound`,
   * every entry at or below its base is replaced by the replica's (those missing from it are removed), entries above are
   * kept, the revision moves past both, and the origin becomes `restored`; all in one step. Watchers get a snapshot.
   * Fails with `revision_conflict` where another daemon was first.
   */
  restore(replica: StoreSnapshot, lost: Epoch): Promise<Revision>;
  /** Removes every entry on purpose and begins a new epoch of origin `wiped`. Watchers get a snapshot. */
  wipe(): Promise<Revision>;
}

const CONTROL = /\p{Cc}/u;
const MAX_KEY_BYTES = 1024;
const MAX_VALUE_BYTES = 512 * 1024;
const encoder = new TextEncoder();

/** Throws `invalid_argument` unless the key is 1 to 1,024 bytes of UTF-8 without control characters. */
export function checkStoreKey(key: string): void {
  const isKey = key !== "" && !CONTROL.test(key) && key.isWellFormed() && encoder.encode(key).length <= MAX_KEY_BYTES;
  if (isKey) return;
  throw new DiscoveryError(
    "invalid_argument",
    `store key ${JSON.stringify(key.slice(0, 100))}: expected 1 to ${MAX_KEY_BYTES} bytes without control characters`,
  );
}

/** Throws `invalid_argument` unless the value is at most 512 KiB of UTF-8. */
export function checkStoreValue(key: string, value: string): void {
  const bytes = encoder.encode(value).length;
  if (bytes > MAX_VALUE_BYTES || !value.isWellFormed()) {
    throw new DiscoveryError(
      "invalid_argument",
      `value of store key ${JSON.stringify(key)}: expected at most ${MAX_VALUE_BYTES} bytes of UTF-8, got ${bytes}`,
    );
  }
}
