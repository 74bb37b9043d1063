import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  DiscoveryError,
  type Epoch,
  type Revision,
  type StoreChange,
  type StoreEntry,
  type StoreSnapshot,
} from "@org/discovery-core";
import { commitError, notOurs, notWritten } from "./storage-error.ts";
import * as sql from "./statements.ts";

/** How much of the history is kept for watchers that were away. */
const MAX_CHANGES = 1_000;
const MAX_CHANGE_BYTES = 16 * 1024 * 1024;
/** Trimming costs a pass over the history, so it is not done at every write. */
const TRIM_EVERY = 64;
/** Changes read at once. */
const BATCH = 100;

/**
 * The registry in an open SQLite file that nobody else writes. Every write is one transaction, and on the disk when the method
 * returns. Failures of the file are `unavailable` (not written) or `outcome_unknown`.
 */
export class Registry {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #statements = new Map<string, StatementSync>();
  #revision: Revision;
  #epoch: Epoch;

  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#path = path;
    const row = this.#statement(sql.SELECT_STATE).get();
    if (row === undefined) throw notOurs(path, "no state of the store");
    this.#revision = row["revision"] as Revision;
    this.#epoch = {
      id: row["epoch"] as string,
      origin: row["origin"] as Epoch["origin"],
      base: row["base"] as Revision,
    };
  }

  get revision(): Revision {
    return this.#revision;
  }

  get epoch(): Epoch {
    return this.#epoch;
  }

  /** As `Store.put`, for a key and value that were checked. */
  put(key: string, value: string, ifRevision: Revision | undefined): Revision {
    const found = this.#revisionOf(key);
    if (ifRevision !== undefined && ifRevision !== found) throw conflict(key, ifRevision, found);
    return this.#change(key, value);
  }

  /** As `Store.delete`, for a key that was checked. */
  delete(key: string, ifRevision: Revision | undefined): Revision {
    const found = this.#revisionOf(key);
    if (found === 0) throw new DiscoveryError("not_found", `store key ${JSON.stringify(key)}: there is no such key`);
    if (ifRevision !== undefined && ifRevision !== found) throw conflict(key, ifRevision, found);
    return this.#change(key, undefined);
  }

  /** As `Store.restore`; the restored epoch gets the id given. */
  restore(replica: StoreSnapshot, lost: Epoch, id: string): Revision {
    const { origin, base } = this.#epoch;
    if (this.#epoch.id !== lost.id || (origin !== "fresh" && origin !== "rewound")) {
      throw new DiscoveryError(
        "revision_conflict",
        `restoring epoch ${lost.id}: the store is in epoch ${this.#epoch.id} of origin ${origin}`,
      );
    }
    const revision = Math.max(this.#revision, replica.revision) + 1;
    return this.#begin({ id, origin: "restored", base: revision }, () => {
      this.#statement(sql.DELETE_ENTRIES_UP_TO).run(base);
      const insert = this.#statement(sql.INSERT_ENTRY_IF_ABSENT);
      for (const [key, entry] of replica.entries) insert.run(key, entry.value, entry.revision);
    });
  }

  /** As `Store.wipe`; the new epoch gets the id given. */
  wipe(id: string): Revision {
    return this.#begin({ id, origin: "wiped", base: this.#revision + 1 }, () => {
      this.#statement(sql.DELETE_ENTRIES).run();
    });
  }

  /** Begins an epoch because a watcher had seen `seen`, a revision that this file does not know of. */
  rewind(seen: Revision, id: string): Revision {
    return this.#begin({ id, origin: "rewound", base: seen + 1 }, () => {});
  }

  snapshot(): StoreSnapshot {
    const entries = new Map<string, StoreEntry>();
    for (const row of this.#statement(sql.SELECT_ENTRIES).iterate()) {
      entries.set(row["key"] as string, { value: row["value"] as string, revision: row["revision"] as Revision });
    }
    return { epoch: this.#epoch, revision: this.#revision, entries };
  }

  /** The next changes after that revision, none if there are no more; undefined where the history begins later. */
  changesAfter(revision: Revision): StoreChange[] | undefined {
    if (revision === this.#revision) return [];
    const oldest = this.#statement(sql.SELECT_OLDEST_CHANGE).get()?.["oldest"] as Revision | null;
    if (revision > this.#revision || oldest === null || oldest > revision + 1) return undefined;
    return this.#statement(sql.SELECT_CHANGES_AFTER).all(revision, BATCH).map(toChange);
  }

  close(): void {
    this.#database.close();
  }

  #revisionOf(key: string): Revision {
    try {
      const row = this.#statement(sql.SELECT_ENTRY_REVISION).get(key);
      return (row?.["revision"] as Revision | undefined) ?? 0;
    } catch (error) {
      throw notWritten(error, this.#path);
    }
  }

  #change(key: string, value: string | undefined): Revision {
    const revision = this.#revision + 1;
    this.#transaction(() => {
      if (value === undefined) this.#statement(sql.DELETE_ENTRY).run(key);
      else this.#statement(sql.UPSERT_ENTRY).run(key, value, revision);
      this.#statement(sql.INSERT_CHANGE).run(revision, key, value ?? null);
      this.#statement(sql.UPDATE_REVISION).run(revision);
      if (revision % TRIM_EVERY === 0) this.#statement(sql.TRIM_CHANGES).run(MAX_CHANGES, MAX_CHANGE_BYTES);
    });
    this.#revision = revision;
    return revision;
  }

  #begin(epoch: Epoch, change: () => void): Revision {
    this.#transaction(() => {
      change();
      this.#statement(sql.DELETE_CHANGES).run();
      this.#statement(sql.UPDATE_EPOCH).run(epoch.base, epoch.id, epoch.origin, epoch.base);
    });
    this.#epoch = epoch;
    this.#revision = epoch.base;
    return epoch.base;
  }

  #transaction(run: () => void): void {
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      run();
    } catch (error) {
      this.#rollBack();
      throw notWritten(error, this.#path);
    }
    try {
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#rollBack();
      throw commitError(error, this.#path);
    }
  }

  #rollBack(): void {
    try {
      // SQLite may have done so itself.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
    } catch {
      // The failure that brought us here is the one to report; the hub closes the file because of it.
    }
  }

  #statement(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }
}

function toChange(row: Record<string, unknown>): StoreChange {
  return {
    revision: row["revision"] as Revision,
    key: row["key"] as string,
    value: (row["value"] as string | null) ?? undefined,
  };
}

function conflict(key: string, expected: Revision, found: Revision): DiscoveryError {
  const actual = found === 0 ? "no such key" : `revision ${found}`;
  const wanted = expected === 0 ? "no such key" : `revision ${expected}`;
  return new DiscoveryError(
    "revision_conflict",
    `store key ${JSON.stringify(key)}: expected ${wanted}, found ${actual}`,
  );
}
