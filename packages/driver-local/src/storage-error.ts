import { DiscoveryError, toError } from "@org/discovery-core";

/** Result codes of SQLite that decide something (sqlite.org, "Result and Error Codes"). */
const BUSY = 5;
const READONLY = 8;
const CORRUPT = 11;
const FULL = 13;
const NOT_A_DATABASE = 26;
const IO_ERROR_WRITE = 778;

/** Why a file could not be opened: `invalid_argument` where trying again can't help, else `unavailable`. */
export function openingError(thrown: unknown, path: string): DiscoveryError {
  if (thrown instanceof DiscoveryError) return thrown;
  const code = primaryCode(thrown);
  const cause = toError(thrown);
  if (code === BUSY) {
    const text = `SQLite file ${path}: another daemon has it (${cause.message}); expected to have it alone`;
    return new DiscoveryError("unavailable", text, { cause });
  }
  if (code === CORRUPT || code === NOT_A_DATABASE) return notOurs(path, cause.message, cause);
  return new DiscoveryError("unavailable", `SQLite file ${path} can't be opened: ${cause.message}`, { cause });
}

/** The file at that path is something else, or damaged. */
export function notOurs(path: string, found: string, cause?: Error): DiscoveryError {
  const text = `SQLite file ${path}: expected a registry of discovery, found: ${found}. It was left as it is`;
  return new DiscoveryError("invalid_argument", text, { cause });
}

/** A statement failed before its transaction was to be committed: nothing was written. */
export function notWritten(thrown: unknown, path: string): DiscoveryError {
  const cause = toError(thrown);
  return new DiscoveryError("unavailable", `SQLite file ${path}: not written: ${cause.message}`, { cause });
}

/**
 * A commit failed. Where SQLite could not even write the commit record, the transaction is void; after any other failure (of
 * `fsync`, above all) the record may be on the disk.
 */
export function commitError(thrown: unknown, path: string): DiscoveryError {
  const code = primaryCode(thrown);
  const isVoid = code === FULL || code === READONLY || code === BUSY || extendedCode(thrown) === IO_ERROR_WRITE;
  if (isVoid) return notWritten(thrown, path);
  const cause = toError(thrown);
  const text = `SQLite file ${path}: may or may not have been written: ${cause.message}`;
  return new DiscoveryError("outcome_unknown", text, { cause });
}

function primaryCode(thrown: unknown): number {
  return extendedCode(thrown) & 0xff;
}

function extendedCode(thrown: unknown): number {
  return thrown instanceof Error && "errcode" in thrown && typeof thrown.errcode === "number" ? thrown.errcode : 0;
}
