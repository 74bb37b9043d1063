import { expect, test } from "vitest";
import { LocalDriver } from "../src/driver.ts";
import { LocalHub } from "../src/hub.ts";
import { driverContext } from "./context.ts";
import { Watched } from "./watched.ts";

async function startedPair(): Promise<{ drivers: [LocalDriver, LocalDriver]; lines: string[] }> {
  const context = driverContext();
  const hub = new LocalHub(":memory:", Math.random);
  const drivers: [LocalDriver, LocalDriver] = [new LocalDriver(hub, context), new LocalDriver(hub, context)];
  for (const driver of drivers) await driver.start();
  return { drivers, lines: context.log.lines };
}

test("a watcher that writes while it is told keeps the order for itself and for all", async () => {
  const { drivers } = await startedPair();
  const told: number[] = [];
  await drivers[0].store.watch({
    onSnapshot: () => {},
    onChange: (change) => {
      if (change.revision < 5) void drivers[1].store.put("service/b", "again");
      told.push(change.revision);
    },
  });
  const other = await Watched.of(drivers[1].store);
  await drivers[0].store.put("service/a", "1");
  expect(told).toEqual([1, 2, 3, 4, 5]);
  expect(other.changes.map((change) => change.revision)).toEqual([1, 2, 3, 4, 5]);
});

test("a watcher is told of a write before the write resolves", async () => {
  const { drivers } = await startedPair();
  const watched = await Watched.of(drivers[1].store);
  await drivers[0].store.put("service/a", "1");
  expect(watched.values.get("service/a")).toBe("1");
});

test("a watcher that throws is logged, told the next change, and harms nobody", async () => {
  const { drivers, lines } = await startedPair();
  const told: number[] = [];
  await drivers[0].store.watch({
    onSnapshot: () => {},
    onChange: (change) => {
      told.push(change.revision);
      throw new Error("broken watcher");
    },
  });
  await drivers[0].store.put("service/a", "1");
  await drivers[0].store.put("service/a", "2");
  expect(told).toEqual([1, 2]);
  expect(lines).toEqual(Array(2).fill("error store watcher threw; it goes on with the next change"));
});

test("a watcher that cancels itself amid a batch is told nothing more", async () => {
  const { drivers } = await startedPair();
  const told: number[] = [];
  const cancel = await drivers[0].store.watch({
    onSnapshot: () => {},
    onChange: (change) => {
      told.push(change.revision);
      // Both are read at once when the watcher has been told of the first change.
      if (change.revision === 1) void drivers[1].store.put("service/b", "1");
      if (change.revision === 1) void drivers[1].store.put("service/b", "2");
      if (change.revision === 2) cancel();
    },
  });
  await drivers[0].store.put("service/a", "1");
  expect(told).toEqual([1, 2]);
});
