import { assertFails, assertSame, assertThat } from "../assert.ts";
import type { CheckTable } from "../check.ts";

/** What `put` and `delete` do, and when they refuse. */
export const writeChecks = {
  "write: every write gets a higher revision": async (arena) => {
    const [first, second] = [await arena.keeper(), await arena.keeper()];
    const revisions = [
      await first.store.put("service/a", "1"),
      await second.store.put("service/b", "1"),
      await first.store.put("service/a", "1"),
      await second.store.delete("service/a"),
      await first.store.put("service/a", "2"),
    ];
    for (const [index, revision] of revisions.entries()) {
      assertThat(Number.isSafeInteger(revision) && revision > 0, `revision ${revision}: expected a positive integer`);
      assertThat(revision > (revisions[index - 1] ?? 0), `revisions ${revisions.join(", ")}: expected them to rise`);
    }
  },

  "write: ifRevision 0 creates, once": async (arena) => {
    const { store } = await arena.keeper();
    await store.put("service/a", "1", { ifRevision: 0 });
    await assertFails(store.put("service/a", "2", { ifRevision: 0 }), "revision_conflict", "creating it again");
    await store.delete("service/a");
    await store.put("service/a", "3", { ifRevision: 0 });
  },

  "write: ifRevision is the revision of the entry": async (arena) => {
    const driver = await arena.keeper();
    const { store } = driver;
    const first = await store.put("service/a", "1");
    const other = await store.put("service/b", "1");
    await assertFails(
      store.put("service/a", "2", { ifRevision: other }),
      "revision_conflict",
      "another key's revision",
    );
    const second = await store.put("service/a", "2", { ifRevision: first });
    await assertFails(store.put("service/a", "3", { ifRevision: first }), "revision_conflict", "a stale revision");
    await assertFails(store.put("service/c", "1", { ifRevision: second }), "revision_conflict", "a missing key");
    await assertFails(store.delete("service/a", { ifRevision: first }), "revision_conflict", "a stale deletion");
    const recorder = await arena.watch(driver);
    assertSame(
      recorder.get("service/a"),
      { value: "2", revision: second },
      "the entry after the writes that were refused",
    );
    await store.delete("service/a", { ifRevision: second });
  },

  "write: deleting what is not there is not_found": async (arena) => {
    const { store } = await arena.keeper();
    await assertFails(store.delete("service/a"), "not_found", "deleting a key that never was");
    await assertFails(store.delete("service/a", { ifRevision: 7 }), "not_found", "the same, with a revision");
    const revision = await store.put("service/a", "1");
    await store.delete("service/a");
    await assertFails(store.delete("service/a"), "not_found", "deleting it twice");
    await assertFails(store.put("service/a", "2", { ifRevision: revision }), "revision_conflict", "a deleted revision");
  },

  "write: while down it fails as unavailable and is not made later": async (arena) => {
    const driver = await arena.keeper();
    await driver.store.put("service/a", "1");
    await arena.kill(driver);
    const writes = [
      assertFails(driver.store.put("service/a", "2"), "unavailable", "put() while down"),
      assertFails(driver.store.delete("service/a"), "unavailable", "delete() while down"),
      assertFails(driver.store.wipe(), "unavailable", "wipe() while down"),
    ];
    await arena.within(Promise.all(writes), "writes while down");
    await arena.restart(driver);
    await arena.pause(200);
    const recorder = await arena.watch(await arena.keeper());
    assertSame(recorder.values, [["service/a", "1"]], "the store after the outage");
  },
} satisfies CheckTable;
