import { cp, rm } from "node:fs/promises";
import { VirtualClock } from "@org/discovery-core";
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
  for (const number of [1, 2, 3]) await driver.store.put(`service/${number}`, `v${number}`);
});

afterEach(async () => {
  await driver.close();
  await redis.stop();
});

/** Kills the server; resolves when the driver has noticed. */
async function killed(): Promise<void> {
  await redis.kill();
  await waitUntil("the link is down", () => driver.link.state === "down");
}

test("data that somebody flushed is missed within a second", async () => {
  const clock = new VirtualClock();
  const watching = connectTo({ url: redis.url, prefix: "watching" }, { clock });
  await watching.start();
  const seen = new Recorder();
  await watching.store.watch(seen);
  await waitUntil("the first snapshot", () => seen.last !== undefined);
  await redis.cli("flushall");
  await clock.advance(1000);
  await waitUntil("the loss is seen", () => seen.snapshots.length === 2);
  expect(seen.snapshots.map(({ epoch }) => epoch.origin)).toEqual(["fresh", "fresh"]);
  await watching.close();
});

test("data that somebody flushed is restored as it was", async () => {
  const before = recorder.replica();
  await redis.cli("flushall");
  await waitUntil("the loss is seen", () => recorder.last?.epoch.id !== before.epoch.id);
  expect(recorder.last).toMatchObject({ revision: 0, epoch: { origin: "fresh", base: 0 } });
  expect(driver.link.state).toBe("up");
  const lost = recorder.last?.epoch ?? before.epoch;
  expect(await driver.store.restore(before, lost)).toBe(4);
  expect(recorder.last).toMatchObject({ revision: 4, epoch: { origin: "restored" } });
  expect(recorder.last?.entries).toEqual(before.entries);
});

test("a write that comes before the loss was seen is kept by the restore", async () => {
  const before = recorder.replica();
  await redis.cli("flushall");
  await driver.store.put("service/2", "newer");
  expect(recorder.last?.epoch).toMatchObject({ origin: "fresh", base: 0 });
  expect(recorder.last?.epoch.id).not.toBe(before.epoch.id);
  await driver.store.restore(before, recorder.replica().epoch);
  expect(Object.fromEntries(recorder.values)).toEqual({ "service/1": "v1", "service/2": "newer", "service/3": "v3" });
});

test("entries that were deleted behind our back, or evicted, are no deletion", async () => {
  const before = recorder.replica();
  await redis.cli("hdel", "{discovery}:entries", "service/1");
  await waitUntil("the loss is seen", () => recorder.last?.epoch.origin === "rewound");
  expect(recorder.last?.epoch.base).toBe(3);
  await driver.store.restore(before, recorder.replica().epoch);
  expect(recorder.values.get("service/1")).toBe("v1");
});

test("a backend that comes back with older data begins a rewound epoch, and gets the newer data back", async () => {
  await killed();
  await cp(redis.data, `${redis.data}.old`, { recursive: true });
  await redis.restart();
  await waitUntil("the link is up", () => driver.link.state === "up");
  await driver.store.put("service/4", "v4");
  await driver.store.delete("service/1");
  const before = recorder.replica();
  expect(before.revision).toBe(5);

  await killed();
  await rm(redis.data, { recursive: true });
  await cp(`${redis.data}.old`, redis.data, { recursive: true });
  await redis.restart();
  await waitUntil("the loss is seen", () => recorder.last?.epoch.origin === "rewound");
  expect(recorder.last).toMatchObject({ revision: 3, epoch: { base: 3 } });

  const since = await driver.store.put("service/2", "since");
  const deleted = await driver.store.delete("service/3");
  const revision = await driver.store.restore(before, recorder.replica().epoch);
  expect([since, deleted, revision]).toEqual([4, 5, 6]);
  expect(Object.fromEntries(recorder.values)).toEqual({ "service/2": "since", "service/4": "v4" });
  expect(recorder.last?.epoch.origin).toBe("restored");
  expect(recorder.disorder).toEqual([]);
});

test("where others wrote on from older data, a watcher that had seen more gets the whole store anew", async () => {
  await redis.cli(
    "eval",
    `redis.call('DEL', KEYS[3])
     redis.call('XADD', KEYS[3], '3-0', 'm', 'other3', 'k', 'service/1', 'v', 'other')
     redis.call('XADD', KEYS[3], '4-0', 'm', 'other4', 'k', 'service/2', 'v', 'other')
     redis.call('HSET', KEYS[2], 'service/1', '3 other', 'service/2', '4 other', 'service/3', '1 old')
     redis.call('HSET', KEYS[1], 'revision', '4', 'mark', 'other4')
     return redis.call('PUBLISH', '{discovery}:written', '4')`,
    ...["3", "{discovery}:meta", "{discovery}:entries", "{discovery}:changes"],
  );
  await waitUntil("the new state", () => recorder.revision === 4);
  expect(Object.fromEntries(recorder.values)).toEqual({
    "service/1": "other",
    "service/2": "other",
    "service/3": "old",
  });
});

test("what a daemon that had seen less wrote to older data goes with the restore by one that had seen more", async () => {
  const before = recorder.replica();
  await redis.cli(
    "eval",
    `redis.call('DEL', KEYS[3])
     redis.call('XADD', KEYS[3], '1-0', 'm', 'first', 'k', 'service/1', 'v', 'v1')
     redis.call('XADD', KEYS[3], '2-0', 'm', 'other2', 'k', 'service/4', 'v', 'other')
     redis.call('HDEL', KEYS[2], 'service/2', 'service/3')
     redis.call('HSET', KEYS[2], 'service/4', '2 other')
     redis.call('HSET', KEYS[1], 'revision', '2', 'mark', 'other2', 'count', '2')
     return redis.call('PUBLISH', '{discovery}:written', '2')`,
    ...["3", "{discovery}:meta", "{discovery}:entries", "{discovery}:changes"],
  );
  await waitUntil("the loss is seen", () => recorder.last?.epoch.origin === "rewound");
  expect(recorder.last?.epoch.base).toBe(2);
  await driver.store.restore(before, recorder.replica().epoch);
  expect(recorder.last?.entries).toEqual(before.entries);
});
