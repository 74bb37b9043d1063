import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDiscoveryError, VirtualClock } from "@org/discovery-core";
import { expect, test } from "vitest";
import { openDatabase } from "../src/database.ts";
import { LocalDriver } from "../src/driver.ts";
import { LocalHub } from "../src/hub.ts";
import { driverContext } from "./context.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { Watched } from "./watched.ts";

test("waits for a file that another daemon has, says so, and takes it when it is free", async () => {
  const path = join(temporaryFolder(), "registry.db");
  const other = openDatabase(path, "epoch");
  const clock = new VirtualClock();
  const driver = new LocalDriver(new LocalHub(path, Math.random), driverContext(clock));
  const started = driver.start();
  await clock.advance(10_000);
  expect(driver.link.state).toBe("down");
  expect(driver.link.lastError?.message).toContain(`SQLite file ${path}: another daemon has it`);
  other.close();
  await clock.advance(1_000);
  await started;
  expect(driver.link.state).toBe("up");
  await driver.close();
  expect(clock.pending).toBe(0);
});

test("start rejects for a file that is not ours, and leaves no timer", async () => {
  const path = join(temporaryFolder(), "registry.db");
  writeFileSync(path, "something else, and longer than the header of a SQLite file has ever been\n".repeat(10));
  const clock = new VirtualClock();
  const driver = new LocalDriver(new LocalHub(path, Math.random), driverContext(clock));
  const error: unknown = await driver.start().catch((thrown) => thrown);
  expect(isDiscoveryError(error, "invalid_argument")).toBe(true);
  expect(driver.link.lastError).toBe(error);
  expect(clock.pending).toBe(0);
});

test("a file that is removed while in use is noticed by the next write, which is not acknowledged", async () => {
  const path = join(temporaryFolder(), "registry.db");
  const context = driverContext(new VirtualClock());
  const driver = new LocalDriver(new LocalHub(path, Math.random), context);
  await driver.start();
  await driver.store.put("service/a", "1");
  rmSync(path);
  const error: unknown = await driver.store.put("service/a", "2").catch((thrown) => thrown);
  expect(isDiscoveryError(error, "unavailable")).toBe(true);
  expect(String(error)).toContain("removed or replaced");
  await driver.close();
  expect(context.log.lines[0]).toBe("warn registry file out of reach; trying to open it again");
});

test("a file that is removed while nobody writes is noticed within a second, and begins a fresh epoch", async () => {
  const path = join(temporaryFolder(), "registry.db");
  const clock = new VirtualClock();
  const driver = new LocalDriver(new LocalHub(path, Math.random), driverContext(clock));
  await driver.start();
  await driver.store.put("service/a", "1");
  const watched = await Watched.of(driver.store);
  renameSync(path, `${path}.old`);
  await clock.advance(1_000);
  expect(driver.link.state).toBe("down");
  await clock.advance(50);
  expect(driver.link.state).toBe("up");
  expect(watched.snapshots.map((snapshot) => snapshot.epoch.origin)).toEqual(["fresh", "fresh"]);
  expect(watched.snapshots[0]?.epoch.id).not.toBe(watched.snapshots[1]?.epoch.id);
  expect(watched.values.size).toBe(0);
  await driver.close();
});

test("a time during which the process was suspended begins the link anew", async () => {
  const clock = new VirtualClock();
  const monotonic = clock.monotonic.bind(clock);
  let suspendedMs = 0;
  clock.monotonic = () => monotonic() + suspendedMs;
  const driver = new LocalDriver(new LocalHub(":memory:", Math.random), driverContext(clock));
  await driver.start();
  await clock.advance(10_000);
  expect(driver.link.since).toBe(0);
  suspendedMs = 60_000;
  await clock.advance(1_000);
  expect(driver.link.since).toBe(71_000);
  await driver.close();
});

test("the last driver that leaves frees the file", async () => {
  const path = join(temporaryFolder(), "registry.db");
  const hub = new LocalHub(path, Math.random);
  const drivers = [new LocalDriver(hub, driverContext()), new LocalDriver(hub, driverContext())] as const;
  for (const driver of drivers) await driver.start();
  await drivers[0].close();
  await drivers[1].store.put("service/a", "1");
  await drivers[1].close();
  openDatabase(path, "epoch").close();
});
