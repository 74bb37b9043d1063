import { cp, rm } from "node:fs/promises";
import { startRedis, waitUntil, type RedisServer } from "@org/discovery-test-servers";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { RedisDriver } from "../src/driver.ts";
import { connectTo } from "./connect.ts";
import { Recorder } from "./recorder.ts";

let redis: RedisServer;
let driver: RedisDriver;
let recorder: Recorder;

beforeEach(async () => {
  redis = await startRedis();
  driver = connectTo({ url: redis.url });
  await driver.start();
  recorder = new Recorder();
  await driver.store.watch(recorder);
  await waitUntil("the first snapshot", () => recorder.last !== undefined);
});

afterEach(async () => {
  await driver.close();
  await redis.stop();
});

/** Kills the server, changes its data, and starts it again; resolves when the driver is back. */
async function whileDead(change: () => Promise<void>): Promise<void> {
  await redis.kill();
  await waitUntil("the link is down", () => driver.link.state === "down");
  await change();
  await redis.restart();
  await waitUntil("the link is up", () => driver.link.state === "up");
}

const keepBackup = (): Promise<void> => cp(redis.data, `${redis.data}.old`, { recursive: true });

async function putBackupBack(): Promise<void> {
  await rm(redis.data, { recursive: true });
  await cp(`${redis.data}.old`, redis.data, { recursive: true });
}

/** Loses everything, and has it written back: another epoch, later than the one before. */
async function refill(): Promise<void> {
  const before = recorder.replica();
  await redis.cli("flushall");
  await waitUntil("the loss is seen", () => recorder.last?.epoch.id !== before.epoch.id);
  await driver.store.restore(before, recorder.replica().epoch);
  expect(recorder.last?.epoch.origin).toBe("restored");
}

test.each(["wiped", "restored"])(
  "a backup from an earlier epoch, a %s one, is older data and no news",
  async (origin) => {
    await driver.store.put("service/1", "v1");
    if (origin === "wiped") await driver.store.wipe();
    else await refill();
    await driver.store.put("service/2", "v2");
    await whileDead(keepBackup);
    await driver.store.put("service/3", "v3");
    await refill();
    const before = recorder.replica();

    await whileDead(putBackupBack);
    await waitUntil("the older data is seen", () => recorder.last?.epoch.id !== before.epoch.id);
    expect(recorder.last?.epoch.origin).toBe("rewound");
    await driver.store.restore(before, recorder.replica().epoch);
    expect(recorder.entries).toEqual(before.entries);
  },
);

test("a wipe after that is believed", async () => {
  await driver.store.put("service/1", "v1");
  await refill();
  await driver.store.wipe();
  expect(recorder.last).toMatchObject({ epoch: { origin: "wiped" }, entries: new Map() });
});
