import { assertFails, assertSame } from "../assert.ts";
import type { CheckTable } from "../check.ts";

const KEYS = [
  "server/häme:9090 x",
  "a/b/c//d/",
  "/leading",
  "dots.in..names.",
  "*",
  ">",
  "a.*.b.>",
  "__proto__",
  "constructor",
  "=+%2F&?#",
  "{tag}[glob]?\\",
  "Case",
  "case",
  "👩‍👩‍👧‍👦",
  "k".repeat(1024),
  "ä".repeat(512),
];

const VALUES = [
  "",
  " ",
  "before\u0000after",
  "\u0000",
  "ёлка 👩‍👩‍👧‍👦",
  "line\r\nline\n",
  "\u2028\ufeff\uffff",
  "0",
  "null",
  '{"schema":1}',
  "v".repeat(500 * 1024),
  "ä".repeat(256 * 1024),
];

const BAD_KEYS = ["", "a\u0000b", "a\nb", "a\u007fb", "k".repeat(1025), "ä".repeat(513), "half \ud800"];
const BAD_VALUES = ["v".repeat(512 * 1024 + 1), "ä".repeat(256 * 1024 + 1), "half \ud800"];

/** Which keys and values a store takes. */
export const entryChecks = {
  "entry: any legal key is kept apart from all others": async (arena) => {
    const driver = await arena.keeper();
    const other = await arena.watch(await arena.keeper());
    for (const [index, key] of KEYS.entries()) await driver.store.put(key, `value ${index}`, { ifRevision: 0 });
    const late = await arena.watch(driver);
    await arena.reached(other, late.revision);
    const expected = KEYS.map((key, index) => [key, `value ${index}`]).toSorted(byKey);
    assertSame(late.values, expected, "snapshot");
    assertSame(other.values, expected, "what another daemon was told");
    for (const key of KEYS) await driver.store.delete(key, { ifRevision: late.get(key)?.revision ?? 0 });
    assertSame((await arena.watch(driver)).values, [], "after deleting all");
  },

  "entry: any legal value comes back as it was written": async (arena) => {
    const driver = await arena.keeper();
    const other = await arena.watch(await arena.keeper());
    for (const [index, value] of VALUES.entries()) await driver.store.put(`service/${index}`, value);
    const late = await arena.watch(driver);
    await arena.reached(other, late.revision);
    for (const [index, value] of VALUES.entries()) {
      assertSame(late.get(`service/${index}`)?.value, value, `value ${index} in a snapshot`);
      assertSame(other.get(`service/${index}`)?.value, value, `value ${index} as another daemon was told`);
    }
  },

  "entry: an illegal key or value is invalid_argument, and nothing is written": async (arena) => {
    const driver = await arena.keeper();
    for (const key of BAD_KEYS) {
      await assertFails(driver.store.put(key, "1"), "invalid_argument", `put() of key ${JSON.stringify(key)}`);
      await assertFails(driver.store.delete(key), "invalid_argument", `delete() of key ${JSON.stringify(key)}`);
    }
    for (const [index, value] of BAD_VALUES.entries()) {
      await assertFails(driver.store.put("service/a", value), "invalid_argument", `put() of bad value ${index}`);
    }
    assertSame((await arena.watch(driver)).values, [], "the store afterwards");
  },
} satisfies CheckTable;

function byKey(left: readonly string[], right: readonly string[]): number {
  return (left[0] ?? "") < (right[0] ?? "") ? -1 : 1;
}
