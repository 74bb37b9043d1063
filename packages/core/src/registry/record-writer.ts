import type { Clock } from "../clock.ts";
import type { Revision, StoreEntry } from "../driver/store.ts";
import { DiscoveryError, isDiscoveryError } from "../error.ts";
import { decodeRecord, encodeRecord, type RecordFormat } from "./record-format.ts";
import type { Replica } from "./replica.ts";

/** What a write did. */
export interface Written<Record> {
  readonly revision: Revision;
  /** What it replaced. */
  readonly before: Record | undefined;
  readonly after: Record;
}

/** What a deletion did. */
export interface Removed<Record> {
  readonly revision: Revision;
  readonly before: Record;
}

/** Lost races in a row after which a write gives up. Each one lost is one that somebody else won: so many may write at once. */
const MAX_ATTEMPTS = 100;
/** Longest wait for the replica to show the write that won, in milliseconds. */
const NEWER_TIMEOUT_MS = 5000;

/**
 * Changes records one key at a time, compare-and-set. A write that loses a race is decided anew on top of what won. A value that
 * this daemon cannot read is never written over: `revision_conflict`.
 */
export class RecordWriter {
  readonly #clock: Clock;
  readonly #replica: Replica;

  constructor(clock: Clock, replica: Replica) {
    this.#clock = clock;
    this.#replica = replica;
  }

  /** Writes what `decide` makes of the record as it is (`undefined`: there is none). What it throws ends the write. */
  async put<Record extends object>(
    format: RecordFormat<Record>,
    key: string,
    decide: (before: Record | undefined) => Record,
  ): Promise<Written<Record>> {
    return this.#retry(key, async (entry) => {
      const before = entry === undefined ? undefined : readEntry(format, key, entry);
      const after = decide(before);
      const revision = await this.#replica.put(key, encodeRecord(after), { ifRevision: entry?.revision ?? 0 });
      return { revision, before, after };
    });
  }

  /** Deletes a record; `undefined` where there is none. */
  async remove<Record extends object>(format: RecordFormat<Record>, key: string): Promise<Removed<Record> | undefined> {
    return this.#retry(key, async (entry) => {
      if (entry === undefined) return undefined;
      const before = readEntry(format, key, entry);
      const revision = await this.#delete(key, entry.revision);
      return revision === undefined ? undefined : { revision, before };
    });
  }

  /** Deletes a key if it still has this revision. False where it is gone, or something newer is there. */
  async removeAt(key: string, revision: Revision): Promise<boolean> {
    try {
      return (await this.#delete(key, revision)) !== undefined;
    } catch (error) {
      if (isDiscoveryError(error, "revision_conflict")) return false;
      throw error;
    }
  }

  /** The deletion's revision; `undefined` where the key is gone already. */
  async #delete(key: string, ifRevision: Revision): Promise<Revision | undefined> {
    try {
      return await this.#replica.delete(key, { ifRevision });
    } catch (error) {
      if (isDiscoveryError(error, "not_found")) return undefined;
      throw error;
    }
  }

  async #retry<Result>(key: string, attempt: (entry: StoreEntry | undefined) => Promise<Result>): Promise<Result> {
    for (let count = 1; ; count++) {
      const entry = this.#replica.entries.get(key);
      const tried = { revision: entry?.revision, epoch: this.#replica.epoch?.id };
      try {
        return await attempt(entry);
      } catch (error) {
        const isLost = isDiscoveryError(error, "revision_conflict") && !(error instanceof Unreadable);
        if (!isLost || count === MAX_ATTEMPTS || !(await this.#newer(key, tried))) throw error;
      }
    }
  }

  /**
   * Waits until the replica shows what won: another revision of the key, or, after the backend lost its data and was refilled,
   * another epoch, in which the key may have the revision it had. False when neither comes.
   */
  #newer(key: string, tried: Tried): Promise<boolean> {
    const isNewer = (): boolean =>
      this.#replica.entries.get(key)?.revision !== tried.revision || this.#replica.epoch?.id !== tried.epoch;
    if (isNewer()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const end = (result: boolean): void => {
        cancelTimer();
        cancelListener();
        resolve(result);
      };
      const cancelTimer = this.#clock.after(NEWER_TIMEOUT_MS, () => end(false));
      const cancelListener = this.#replica.onChange(() => {
        if (isNewer()) end(true);
      });
    });
  }
}

/** What a write that lost was made on top of. */
interface Tried {
  readonly revision: Revision | undefined;
  readonly epoch: string | undefined;
}

/** Retrying does not help against a value that cannot be read. */
class Unreadable extends DiscoveryError {}

/** The record of an entry. Throws `revision_conflict` where this daemon cannot read it. */
export function readEntry<Record extends object>(
  format: RecordFormat<Record>,
  key: string,
  { value }: StoreEntry,
): Record {
  const decoded = decodeRecord(format, key, value);
  if ("record" in decoded) return decoded.record;
  throw new Unreadable(
    "revision_conflict",
    `store key ${key} holds a value that this daemon cannot read and leaves as it is: ${decoded.problem.reason}`,
  );
}
