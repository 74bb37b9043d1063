import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DiscoveryError, toError } from "@org/discovery-core";

const FILENAME = ".exporter.lock";
/** Result code of SQLite: another connection holds the lock. */
const SQLITE_BUSY = 5;

/**
 * Keeps a second exporter away from a directory. It is SQLite's lock on a file that stays empty: the system's own record lock, which
 * is gone with its process, however that ends, so that there is no stale lock to be judged.
 */
export class DirectoryLock {
  readonly path: string;
  readonly #directory: string;
  #database: DatabaseSync | undefined;

  constructor(directory: string) {
    this.#directory = directory;
    this.path = join(directory, FILENAME);
  }

  /**
   * Takes the lock, or keeps it; false where another exporter has it.
   *
   * @throws DiscoveryError `unavailable` where the directory cannot be written.
   */
  acquire(): boolean {
    if (this.#database !== undefined) return true;
    let database: DatabaseSync | undefined;
    try {
      mkdirSync(this.#directory, { recursive: true });
      database = new DatabaseSync(this.path, { timeout: 0 });
      database.exec("PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE");
    } catch (error) {
      database?.close();
      if (isBusy(error)) return false;
      const message = `${this.path} can't be locked: ${toError(error).message}`;
      throw new DiscoveryError("unavailable", message, { cause: error });
    }
    this.#database = database;
    return true;
  }

  /** Lets others have it. Idempotent. */
  release(): void {
    this.#database?.close();
    this.#database = undefined;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
}
