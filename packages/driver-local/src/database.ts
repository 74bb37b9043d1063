import { closeSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { notOurs, openingError } from "./storage-error.ts";
import { APPLICATION_ID, CREATE_SCHEMA, INSERT_STATE, SCHEMA_VERSION, UPDATE_OPENED } from "./statements.ts";

/** The path that stands for "no file". */
export const IN_MEMORY = ":memory:";

/**
 * Opens the registry at that path, or creates it with an epoch of that id, and takes it for this connection alone.
 * Fails with `unavailable` (another daemon has it, folder or disk not writable) or `invalid_argument` (the file is something
 * else, damaged, or of a later version); a file that is not ours is never written to.
 */
export function openDatabase(path: string, newEpoch: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    if (path !== IN_MEMORY) createFile(path);
    // Without a time-out: waiting for a lock would stop the whole process. The driver's back-off tries again.
    database = new DatabaseSync(path, { timeout: 0 });
    claim(database, path, newEpoch);
    return database;
  } catch (error) {
    database?.close();
    throw openingError(error, path);
  }
}

/** What tells this file from another one put at the same path later; undefined where there is none. */
export function fileIdentity(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? undefined : `${stats.dev}:${stats.ino}`;
}

/** SQLite would make the file readable by all; the registry concerns the daemon's user alone. */
function createFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    // Never opens a file that exists: closing it would drop this process's own locks on it (POSIX, fcntl).
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

function claim(database: DatabaseSync, path: string, newEpoch: string): void {
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  const applicationId = pragma(database, "application_id");
  if (applicationId === 0 && isEmpty(database)) {
    // In a rollback journal still, so that the mark of ownership is in the file itself from the first commit on.
    database.exec("BEGIN EXCLUSIVE");
    database.exec(CREATE_SCHEMA);
    database.prepare(INSERT_STATE).run(newEpoch);
    database.exec("COMMIT");
  } else if (applicationId !== APPLICATION_ID) {
    throw notOurs(path, `a SQLite file of another application (application_id ${applicationId})`);
  }
  const version = pragma(database, "user_version");
  if (version !== SCHEMA_VERSION) throw notOurs(path, `layout ${version}; this version knows layout ${SCHEMA_VERSION}`);
  const damage = pragma(database, "quick_check(1)");
  if (damage !== "ok") throw notOurs(path, `damage (${damage})`);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  database.exec(UPDATE_OPENED);
}

function isEmpty(database: DatabaseSync): boolean {
  return database.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined;
}

function pragma(database: DatabaseSync, name: string): number | string {
  const row = database.prepare(`PRAGMA ${name}`).get() ?? {};
  return Object.values(row)[0] as number | string;
}
