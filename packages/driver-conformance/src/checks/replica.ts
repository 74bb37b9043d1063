import { Replica, type Log, type StoreSnapshot } from "@org/discovery-core";
import type { Arena, Keeper } from "../arena.ts";
import { assertSame, assertThat } from "../assert.ts";
import type { CheckTable } from "../check.ts";

const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const ENTRIES = 5;

/** Promises 3 and 4 as a daemon keeps them: with core's `Replica` over the driver's store. */
export const replicaChecks = {
  "replica: shows a write before the write resolves": async (arena) => {
    const replicas = [await follow(arena, await arena.keeper()), await follow(arena, await arena.keeper())] as const;
    for (let index = 0; index < 20; index++) {
      const replica = replicas[index % 2 === 0 ? 0 : 1];
      const revision = await replica.put("service/a", `value ${index}`);
      assertSame(replica.entries.get("service/a"), { value: `value ${index}`, revision }, "its own write");
    }
    await replicas[0].delete("service/a");
    assertSame(replicas[0].entries.get("service/a"), undefined, "its own deletion");
    for (const replica of replicas) replica.stop();
  },

  "replica: is not emptied by a backend that lost its data, and refills it": async (arena) => {
    const pair = [await arena.keeper(), await arena.keeper()] as const;
    const replicas = [await follow(arena, pair[0]), await follow(arena, pair[1])] as const;
    for (let index = 0; index < ENTRIES; index++) await replicas[0].put(`service/${index}`, `value ${index}`);
    await arena.until("the other replica", () => replicas[1].revision === replicas[0].revision);
    let fewest = ENTRIES;
    for (const replica of replicas) replica.onChange(() => (fewest = Math.min(fewest, replica.entries.size)));
    await arena.kill(...pair);
    await arena.backend.start({ empty: true });
    await arena.until("both to see it restored", () => replicas.every((each) => each.epoch?.origin === "restored"));
    const late = await arena.watch(await arena.keeper());
    const expected = Array.from({ length: ENTRIES }, (_, index) => [`service/${index}`, `value ${index}`]);
    assertSame(late.values, expected, "the store");
    assertSame(fewest, ENTRIES, "the fewest entries that a replica showed");
    for (const replica of replicas) replica.stop();
  },

  "replica: as it was saved by a daemon that was stopped, it refills the backend": async (arena) => {
    const before = await arena.keeper();
    const first = await follow(arena, before);
    await first.put("service/a", "1");
    const saved = first.snapshot();
    first.stop();
    await before.close();
    await arena.backend.kill();
    await arena.backend.start({ empty: true });
    const replica = await follow(arena, await arena.keeper(), saved);
    assertSame(replica.epoch?.origin, "restored", "origin of the epoch");
    const late = await arena.watch(await arena.keeper());
    assertSame(late.values, [["service/a", "1"]], "the store");
    replica.stop();
  },

  "replica: is emptied by a wipe": async (arena) => {
    const pair = [await arena.keeper(), await arena.keeper()] as const;
    const replica = await follow(arena, pair[0]);
    await replica.put("service/a", "1");
    await pair[1].store.wipe();
    await arena.until("the wipe", () => replica.epoch?.origin === "wiped");
    assertThat(replica.entries.size === 0, `the replica kept ${replica.entries.size} entries`);
    replica.stop();
  },
} satisfies CheckTable;

/** A replica that has seen the store. */
async function follow(arena: Arena, { store }: Keeper, saved?: StoreSnapshot): Promise<Replica> {
  const options = { clock: arena.clock, log: SILENT, store, settleMs: 0 };
  const replica = new Replica(saved === undefined ? options : { ...options, saved });
  await replica.start();
  await arena.until("a live replica", () => replica.live);
  return replica;
}
