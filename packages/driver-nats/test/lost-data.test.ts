import { cp, rm } from "node:fs/promises";
import { startNats, waitUntil, type NatsServer } from "@org/discovery-test-servers";
import { connect, type JetStreamManager, type NatsConnection } from "nats";
import { afterEach, beforeEach, expect, test } from "vitest";
import { natsKeeperWith, type Keeper } from "./context.ts";
import { Recorder } from "./recorder.ts";

const STREAM = "KV_discovery";
const ENTRIES = { "service/1": "v1", "service/2": "v2", "service/3": "v3" };

let server: NatsServer;
let driver: Keeper;
let recorder: Recorder;
let admin: NatsConnection;
let manager: JetStreamManager;

beforeEach(async () => {
  server = await startNats();
  admin = await connect({ servers: server.url, reconnect: true, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
  manager = await admin.jetstreamManager();
  driver = natsKeeperWith({ servers: [server.url] });
  await driver.start();
  recorder = new Recorder();
  await driver.store.watch(recorder);
  await waitUntil("the first snapshot", () => recorder.snapshots.length > 0);
  for (const [key, value] of Object.entries(ENTRIES)) await driver.store.put(key, value);
});

afterEach(async () => {
  await driver.close();
  await admin.close();
  await server.stop();
});

/** Waits for the loss to be seen and writes back what was there before it. */
async function recover(origin: string): Promise<void> {
  const before = recorder.replica();
  await waitUntil("the loss is seen", () => recorder.last?.epoch.id !== before.epoch.id);
  expect(recorder.last?.epoch.origin).toBe(origin);
  expect(recorder.revision).toBeGreaterThan(before.revision);
  const revision = await driver.store.restore(before, recorder.replica().epoch);
  expect(recorder.last).toMatchObject({ revision, epoch: { origin: "restored" } });
  expect(recorder.last?.entries).toEqual(before.entries);
  expect(recorder.disorder).toEqual([]);
}

/** Copies the server's data, and lets it go on. */
async function keepBackup(): Promise<void> {
  const { since } = driver.link;
  await server.kill();
  await cp(server.data, `${server.data}.old`, { recursive: true });
  await server.restart();
  await waitUntil("the link is up again", () => driver.link.state === "up" && driver.link.since !== since);
}

/** Puts the copy in the place of the server's data, and leaves the server stopped. */
async function takeBackup(): Promise<void> {
  await server.kill();
  await rm(server.data, { recursive: true });
  await cp(`${server.data}.old`, server.data, { recursive: true });
}

test("a bucket deleted while we are connected is missed, made anew, and refilled", async () => {
  await manager.streams.delete(STREAM);
  await recover("fresh");
  await waitUntil("the link is up", () => driver.link.state === "up");
});

test("a bucket purged while we are connected is missed, and refilled", async () => {
  await manager.streams.purge(STREAM);
  await recover("fresh");
});

test("a write that comes before a purge was noticed is kept by the restore", async () => {
  const before = recorder.replica();
  await manager.streams.purge(STREAM);
  const revision = await driver.store.put("service/2", "newer");
  await waitUntil("the loss is seen", () => recorder.last?.epoch.id !== before.epoch.id);
  expect(recorder.last?.epoch.base).toBeLessThan(revision);
  await driver.store.restore(before, recorder.replica().epoch);
  expect(recorder.values).toEqual({ ...ENTRIES, "service/2": "newer" });
  expect(recorder.entries.get("service/2")?.revision).toBe(revision);
});

test("a server that comes back with an older copy of its data begins a rewound epoch", async () => {
  await keepBackup();
  await driver.store.put("service/1", "changed");
  await driver.store.delete("service/2");
  const last = await driver.store.put("service/4", "v4");
  await takeBackup();
  await server.restart();
  await waitUntil("the loss is seen", () => recorder.last?.epoch.origin === "rewound");
  expect(recorder.values).toEqual(ENTRIES);
  expect(recorder.revision).toBeGreaterThan(last);
});

test("an older copy in which others wrote on is recognised, and what they wrote is kept", async () => {
  await keepBackup();
  await driver.store.put("service/1", "changed");
  await driver.store.put("service/2", "changed");
  const before = recorder.replica();
  await takeBackup();
  // At the same port, before our driver: it must not see that the sequence is behind.
  const early = natsKeeperWith({ servers: [server.url] });
  const restarted = server.restart();
  await early.start();
  const writes: number[] = [];
  for (const value of ["1", "2", "3", "4"]) writes.push(await early.store.put("service/3", value));
  await restarted;
  await waitUntil("the loss is seen", () => recorder.last?.epoch.origin === "rewound");
  await driver.store.restore(before, recorder.replica().epoch);
  expect(recorder.values).toEqual({ "service/1": "changed", "service/2": "changed", "service/3": "4" });
  await early.close();
});

test("restored entries that somebody removed are missed", async () => {
  await manager.streams.delete(STREAM);
  const before = recorder.replica();
  await recover("fresh");
  await manager.streams.purge(STREAM, { filter: "$KV.discovery.stage.*.service/2" });
  const late = natsKeeperWith({ servers: [server.url] });
  const seen = new Recorder();
  await late.store.watch(seen);
  await late.start();
  await waitUntil("the loss is seen", () => seen.last?.epoch.origin === "rewound");
  await late.store.restore(before, seen.replica().epoch);
  expect(seen.values).toEqual(ENTRIES);
  await waitUntil("the other daemon sees it", () => recorder.last?.epoch.id === seen.last?.epoch.id);
  expect(recorder.values).toEqual(ENTRIES);
  await late.close();
});

test("key-value tools may delete and write entries", async () => {
  const kv = await admin.jetstream().views.kv("discovery");
  await kv.delete("service/1");
  await kv.purge("service/2");
  await kv.put("service/4", "v4");
  await kv.put("not.ours", "x");
  await waitUntil("the changes are seen", () => recorder.entries.has("service/4"));
  expect(recorder.values).toEqual({ "service/3": "v3", "service/4": "v4" });
  expect((await kv.get("service/3"))?.string()).toBe("v3");
  await driver.store.put("service/1", "again", { ifRevision: 0 });
  expect(recorder.disorder).toEqual([]);
});
