/** "disc" in ASCII: what marks a SQLite file as ours (the header field `application_id`). */
export const APPLICATION_ID = 0x64697363;

/** The layout below (the header field `user_version`). */
export const SCHEMA_VERSION = 1;

/**
 * `change` is the tail of the history: one row for each of the last revisions without a gap, so a watcher that saw revision r
 * can go on if row r + 1 is there. `state` has one row.
 */
export const CREATE_SCHEMA = `
  CREATE TABLE entry (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    revision INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE change (
    revision INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    value TEXT
  ) STRICT;
  CREATE TABLE state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL,
    epoch TEXT NOT NULL,
    origin TEXT NOT NULL,
    base INTEGER NOT NULL,
    opened INTEGER NOT NULL
  ) STRICT;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

export const INSERT_STATE =
  "INSERT INTO state (id, revision, epoch, origin, base, opened) VALUES (1, 0, ?, 'fresh', 0, 0)";
export const SELECT_STATE = "SELECT revision, epoch, origin, base FROM state";
export const UPDATE_REVISION = "UPDATE state SET revision = ?";
export const UPDATE_EPOCH = "UPDATE state SET revision = ?, epoch = ?, origin = ?, base = ?";
/** Written at every opening: a file that cannot be written is found out then. */
export const UPDATE_OPENED = "UPDATE state SET opened = opened + 1";

export const SELECT_ENTRIES = "SELECT key, value, revision FROM entry";
export const SELECT_ENTRY_REVISION = "SELECT revision FROM entry WHERE key = ?";
export const UPSERT_ENTRY =
  "INSERT INTO entry (key, value, revision) VALUES (?, ?, ?) " +
  "ON CONFLICT (key) DO UPDATE SET value = excluded.value, revision = excluded.revision";
export const INSERT_ENTRY_IF_ABSENT =
  "INSERT INTO entry (key, value, revision) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING";
export const DELETE_ENTRY = "DELETE FROM entry WHERE key = ?";
export const DELETE_ENTRIES_UP_TO = "DELETE FROM entry WHERE revision <= ?";
export const DELETE_ENTRIES = "DELETE FROM entry";

export const INSERT_CHANGE = "INSERT INTO change (revision, key, value) VALUES (?, ?, ?)";
export const SELECT_OLDEST_CHANGE = "SELECT min(revision) AS oldest FROM change";
export const SELECT_CHANGES_AFTER =
  "SELECT revision, key, value FROM change WHERE revision > ? ORDER BY revision LIMIT ?";
export const DELETE_CHANGES = "DELETE FROM change";
/** Parameters: how many changes to keep at most, how many bytes of values. */
export const TRIM_CHANGES = `
  DELETE FROM change WHERE revision <= (
    SELECT max(revision) FROM (
      SELECT revision,
        row_number() OVER newest AS place,
        sum(ifnull(octet_length(value), 0)) OVER newest AS bytes
      FROM change
      WINDOW newest AS (ORDER BY revision DESC)
    ) WHERE place > ? OR bytes > ?
  )
`;
