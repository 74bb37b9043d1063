import type { StoreEntry } from "@org/discovery-core";
import { startRedis, waitUntil } from "@org/discovery-test-servers";
import { expect, test } from "vitest";
import { connectTo } from "./connect.ts";
import { Recorder } from "./recorder.ts";

const COUNT = 10_000;

test("ten thousand entries of 500 bytes go back after a loss, and come whole to a new watcher", async () => {
  const redis = await startRedis();
  const [first, second] = [connectTo({ url: redis.url }), connectTo({ url: redis.url })];
  await Promise.all([first.start(), second.start()]);
  const recorder = new Recorder();
  await first.store.watch(recorder);
  await waitUntil("the first snapshot", () => recorder.last !== undefined);
  const entries = new Map<string, StoreEntry>();
  for (let index = 1; index <= COUNT; index++) {
    entries.set(`service/default/${index}`, { value: `ё${String(index).padEnd(498, "x")}`, revision: index });
  }
  const lost = recorder.replica().epoch;
  const revision = await first.store.restore({ epoch: lost, revision: COUNT, entries }, lost);
  expect(revision).toBe(COUNT + 1);
  expect(recorder.last?.entries).toEqual(entries);

  const late = new Recorder();
  await second.store.watch(late);
  await waitUntil("the snapshot", () => late.last !== undefined, 5000);
  expect(late.last?.entries).toEqual(entries);
  expect(await second.store.put("service/default/1", "on", { ifRevision: 1 })).toBe(COUNT + 2);
  await waitUntil("the change", () => recorder.revision === COUNT + 2);
  expect([recorder.disorder, recorder.snapshots.length]).toEqual([[], 2]);
  await Promise.all([first.close(), second.close()]);
  await redis.stop();
});

test("a watcher catches up with thousands of changes, each once, though a server forgot the scripts", async () => {
  const redis = await startRedis();
  const [writer, reader] = [connectTo({ url: redis.url }), connectTo({ url: redis.url })];
  await Promise.all([writer.start(), reader.start()]);
  const recorder = new Recorder();
  await reader.store.watch(recorder);
  await waitUntil("the first snapshot", () => recorder.last !== undefined);
  const writes = Array.from({ length: 3000 }, (_, index) => writer.store.put(`service/${index % 7}`, String(index)));
  await redis.cli("script", "flush");
  await Promise.all(writes);
  await waitUntil("the last change", () => recorder.revision === 3000);
  expect(recorder.disorder).toEqual([]);
  expect(recorder.changes).toHaveLength(3000);
  await Promise.all([writer.close(), reader.close()]);
  await redis.stop();
});
