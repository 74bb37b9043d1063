import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isDiscoveryError, type StoreSnapshot } from "@org/discovery-core";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LocalDriver } from "../src/driver.ts";
import { LocalHub } from "../src/hub.ts";
import { driverContext } from "./context.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { Watched } from "./watched.ts";

const key = fc.constantFrom("a", "b", "c");
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("put" as const), key, value: fc.string() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("stale put" as const), key, value: fc.string() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("delete" as const), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("wipe" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reopen" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Makes the step on the store and on the model; the driver to go on with. */
async function make(driver: LocalDriver, model: Map<string, string>, todo: Step): Promise<void> {
  const { store } = driver;
  if (todo.kind === "put") {
    await store.put(todo.key, todo.value);
    model.set(todo.key, todo.value);
  } else if (todo.kind === "stale put") {
    const error: unknown = await store.put(todo.key, todo.value, { ifRevision: 1_000_000 }).catch((thrown) => thrown);
    expect(isDiscoveryError(error, "revision_conflict")).toBe(true);
  } else if (todo.kind === "delete") {
    const error: unknown = await store.delete(todo.key).catch((thrown) => thrown);
    expect(isDiscoveryError(error, "not_found")).toBe(!model.delete(todo.key));
  } else if (todo.kind === "wipe") {
    await store.wipe();
    model.clear();
  }
}

test("any history leaves what a plain map would hold, in the file and at every watcher", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const path = join(temporaryFolder(), "registry.db");
      const model = new Map<string, string>();
      const begin = async (): Promise<[LocalDriver, Watched]> => {
        const opened = new LocalDriver(new LocalHub(path, Math.random), driverContext());
        await opened.start();
        return [opened, await Watched.of(opened.store)];
      };
      let [driver, watched] = await begin();
      let last = 0;
      for (const todo of steps) {
        await make(driver, model, todo);
        if (todo.kind === "reopen") {
          await driver.close();
          [driver, watched] = await begin();
        }
        expect(watched.values).toEqual(model);
        const revision = Math.max(...[...watched.changes, ...watched.snapshots].map((told) => told.revision));
        expect(revision).toBeGreaterThanOrEqual(last);
        last = revision;
      }
      await driver.close();
    }),
    { numRuns: 30 },
  );
});

test("a file that was put back from a backup begins a rewound epoch, which a replica refills", async () => {
  const path = join(temporaryFolder(), "registry.db");
  const hub = new LocalHub(path, Math.random);
  const first = new LocalDriver(hub, driverContext());
  await first.start();
  await first.store.put("service/a", "1");
  await first.close();
  cpSync(path, `${path}.backup`);

  const second = new LocalDriver(hub, driverContext());
  await second.start();
  const watched = await Watched.of(second.store);
  await second.store.put("service/b", "2");
  const seen = watched.snapshots.at(-1) as StoreSnapshot;
  await second.close();
  for (const file of [path, `${path}-wal`]) rmSync(file, { force: true });
  cpSync(`${path}.backup`, path);

  const third = new LocalDriver(hub, driverContext());
  await third.start();
  const rewound = await Watched.of(third.store);
  expect(rewound.snapshots[0]?.epoch).toMatchObject({ origin: "rewound", base: 3 });
  const replica = { ...seen, revision: 2, entries: new Map([["service/b", { value: "2", revision: 2 }]]) };
  await third.store.restore(replica, rewound.snapshots[0]!.epoch);
  expect(rewound.snapshots[1]).toMatchObject({ revision: 4, epoch: { origin: "restored" }, entries: replica.entries });
  await third.close();
});

test("a restore with an illegal key is refused whole", async () => {
  const driver = new LocalDriver(new LocalHub(":memory:", Math.random), driverContext());
  await driver.start();
  const watched = await Watched.of(driver.store);
  const fresh = watched.snapshots[0]!;
  const entries = new Map([
    ["a", { value: "1", revision: 1 }],
    ["b\n", { value: "1", revision: 2 }],
  ]);
  const error: unknown = await driver.store
    .restore({ ...fresh, revision: 2, entries }, fresh.epoch)
    .catch((thrown) => thrown);
  expect(isDiscoveryError(error, "invalid_argument")).toBe(true);
  expect(watched.snapshots.length).toBe(1);
});
