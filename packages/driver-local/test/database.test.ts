import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isDiscoveryError, type ErrorCode } from "@org/discovery-core";
import { expect, test } from "vitest";
import { openDatabase } from "../src/database.ts";
import { temporaryFolder } from "./temporary-folder.ts";

function expectFailure(path: string, code: ErrorCode, text: string): void {
  try {
    openDatabase(path, "epoch").close();
  } catch (error) {
    expect(isDiscoveryError(error, code), String(error)).toBe(true);
    expect(String(error)).toContain(path);
    expect(String(error)).toContain(text);
    return;
  }
  expect.unreachable(`${path} was opened`);
}

function expectRefused(path: string, text: string): void {
  const before = readFileSync(path);
  expectFailure(path, "invalid_argument", text);
  expect(readFileSync(path).equals(before), "the file was changed").toBe(true);
  expect([existsSync(`${path}-wal`), existsSync(`${path}-journal`)]).toEqual([false, false]);
}

test("creates the file and its folder, for the daemon's user alone", () => {
  const path = join(temporaryFolder(), "data", "registry.db");
  openDatabase(path, "epoch").close();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700);
});

test("takes a file that is empty", () => {
  const path = join(temporaryFolder(), "registry.db");
  writeFileSync(path, "");
  openDatabase(path, "epoch").close();
  expect(statSync(path).size).toBeGreaterThan(0);
});

test("writes through to the disk before it answers", () => {
  const database = openDatabase(join(temporaryFolder(), "registry.db"), "epoch");
  const read = (name: string): unknown => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  expect([read("journal_mode"), read("synchronous"), read("locking_mode")]).toEqual(["wal", 2, "exclusive"]);
  database.close();
});

test("refuses a SQLite file of another application", () => {
  const path = join(temporaryFolder(), "other.db");
  const other = new DatabaseSync(path);
  other.exec("CREATE TABLE entry (key TEXT); INSERT INTO entry VALUES ('theirs')");
  other.close();
  expectRefused(path, "another application");
});

test("refuses a SQLite file that another application marked as its own", () => {
  const path = join(temporaryFolder(), "other.db");
  const other = new DatabaseSync(path);
  other.exec("PRAGMA application_id = 42");
  other.close();
  expectRefused(path, "application_id 42");
});

test("refuses a file that is no SQLite file", () => {
  const path = join(temporaryFolder(), "notes.txt");
  writeFileSync(path, "dear diary\n".repeat(1000));
  expectRefused(path, "file is not a database");
});

test("refuses a file of a later layout", () => {
  const path = join(temporaryFolder(), "registry.db");
  const later = openDatabase(path, "epoch");
  later.exec("PRAGMA user_version = 2");
  later.close();
  expectFailure(path, "invalid_argument", "layout 2");
});

test("refuses a file that is damaged", () => {
  const path = join(temporaryFolder(), "registry.db");
  const database = openDatabase(path, "epoch");
  const insert = database.prepare("INSERT INTO entry (key, value, revision) VALUES (?, ?, 1)");
  for (let index = 0; index < 500; index++) insert.run(`service/${index}`, "value ".repeat(20));
  database.close();
  const bytes = readFileSync(path);
  bytes.fill(0xee, 4096 * 6, 4096 * 9);
  writeFileSync(path, bytes);
  expectRefused(path, "damage");
});

test("refuses a file without the state of the store", () => {
  const path = join(temporaryFolder(), "registry.db");
  const database = openDatabase(path, "epoch");
  database.exec("DROP TABLE state");
  database.close();
  expectFailure(path, "unavailable", "no such table: state");
});

test("a folder in the file's place, or a file in the folder's, is worth another try", () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "registry.db"));
  expectFailure(join(folder, "registry.db"), "unavailable", "unable to open database file");
  writeFileSync(join(folder, "file"), "");
  expectFailure(join(folder, "file", "registry.db"), "unavailable", "can't be opened");
});

test("a file that is open already is refused as taken", () => {
  const path = join(temporaryFolder(), "registry.db");
  const first = openDatabase(path, "epoch");
  expectFailure(path, "unavailable", "another daemon has it");
  first.close();
  openDatabase(path, "epoch").close();
});
