import { expect, test } from "vitest";
import { commitError, openingError } from "../src/storage-error.ts";

/** As `node:sqlite` throws it. */
function sqliteError(errcode: number): Error {
  return Object.assign(new Error("as SQLite says it"), { code: "ERR_SQLITE_ERROR", errcode });
}

const IO_ERROR_WRITE = 778;
const IO_ERROR_FSYNC = 1034;

test.each([
  ["the disk is full", 13, "unavailable"],
  ["the file is read-only", 8, "unavailable"],
  ["the file is locked", 5, "unavailable"],
  ["the log could not be written", IO_ERROR_WRITE, "unavailable"],
  ["the log could not be flushed", IO_ERROR_FSYNC, "outcome_unknown"],
  ["the file is damaged", 11, "outcome_unknown"],
])("a commit that failed because %s (%i) is %s", (_reason, errcode, code) => {
  const error = commitError(sqliteError(errcode), "/data/registry.db");
  expect(error.code).toBe(code);
  expect(error.message).toContain("/data/registry.db");
  expect(error.message).toContain("as SQLite says it");
});

test.each([
  [5, "unavailable"],
  [261, "unavailable"],
  [14, "unavailable"],
  [11, "invalid_argument"],
  [267, "invalid_argument"],
  [26, "invalid_argument"],
])("an opening that failed with %i is %s", (errcode, code) => {
  expect(openingError(sqliteError(errcode), "/data/registry.db").code).toBe(code);
});
