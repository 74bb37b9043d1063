import { expect, test } from "vitest";
import { openDatabase } from "../src/database.ts";
import { Registry } from "../src/registry.ts";

function newRegistry(): Registry {
  return new Registry(openDatabase(":memory:", "first"), ":memory:");
}

test("begins fresh, at revision 0", () => {
  const registry = newRegistry();
  expect(registry.epoch).toEqual({ id: "first", origin: "fresh", base: 0 });
  expect(registry.snapshot()).toEqual({ epoch: registry.epoch, revision: 0, entries: new Map() });
  expect(registry.changesAfter(0)).toEqual([]);
});

test("remembers the last thousand changes, and says when it was asked for more", () => {
  const registry = newRegistry();
  for (let index = 1; index <= 1280; index++) registry.put("service/a", `value ${index}`, undefined);
  expect(registry.changesAfter(1280)).toEqual([]);
  expect(registry.changesAfter(1278)).toEqual([
    { revision: 1279, key: "service/a", value: "value 1279" },
    { revision: 1280, key: "service/a", value: "value 1280" },
  ]);
  expect(registry.changesAfter(280)?.[0]?.revision).toBe(281);
  expect(registry.changesAfter(279)).toBeUndefined();
  expect(registry.changesAfter(0)).toBeUndefined();
});

test("remembers at most 16 MiB of values", () => {
  const registry = newRegistry();
  const value = "v".repeat(512 * 1024);
  for (let index = 1; index <= 64; index++) registry.put("service/a", value, undefined);
  expect(registry.changesAfter(32)?.length).toBe(32);
  expect(registry.changesAfter(31)).toBeUndefined();
});

test("a deletion is a change without a value", () => {
  const registry = newRegistry();
  registry.put("service/a", "1", undefined);
  registry.delete("service/a", 1);
  expect(registry.changesAfter(1)).toEqual([{ revision: 2, key: "service/a", value: undefined }]);
});

test("a history that this file never had is not continued", () => {
  const registry = newRegistry();
  registry.put("service/a", "1", undefined);
  expect(registry.changesAfter(5)).toBeUndefined();
});

test("a rewound epoch lies above all that was seen, and can be restored", () => {
  const registry = newRegistry();
  registry.put("service/a", "old", undefined);
  const seen = { epoch: registry.epoch, revision: 9, entries: new Map([["service/b", { value: "new", revision: 9 }]]) };
  expect(registry.rewind(9, "second")).toBe(10);
  expect(registry.epoch).toEqual({ id: "second", origin: "rewound", base: 10 });
  expect([...registry.snapshot().entries.keys()]).toEqual(["service/a"]);
  expect(registry.restore(seen, registry.epoch, "third")).toBe(11);
  expect(registry.snapshot()).toEqual({
    epoch: { id: "third", origin: "restored", base: 11 },
    revision: 11,
    entries: seen.entries,
  });
});

test("what was read from the file again is what was written", () => {
  const registry = newRegistry();
  registry.put("service/a", "1", 0);
  const wiped = registry.wipe("second");
  expect(wiped).toBe(2);
  expect(registry.put("service/a", "2", 0)).toBe(3);
  expect(registry.epoch).toEqual({ id: "second", origin: "wiped", base: 2 });
  expect(registry.changesAfter(2)).toEqual([{ revision: 3, key: "service/a", value: "2" }]);
  expect(registry.changesAfter(1)).toBeUndefined();
});
