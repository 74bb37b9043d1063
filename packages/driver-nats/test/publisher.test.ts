import { sleep } from "@org/discovery-core";
import { realClock, startNats, waitUntil, type NatsServer } from "@org/discovery-test-servers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { natsKeeperWith, type Keeper } from "./context.ts";
import { Recorder } from "./recorder.ts";

let server: NatsServer;
let driver: Keeper;
let recorder: Recorder;

beforeEach(async () => {
  server = await startNats();
  driver = natsKeeperWith({ servers: [server.url], linkTimeoutMs: 400, pingIntervalMs: 100, requestTimeoutMs: 4000 });
  recorder = new Recorder();
  await driver.store.watch(recorder);
  await driver.start();
  await waitUntil("the first snapshot", () => recorder.snapshots.length > 0);
});

afterEach(async () => {
  server.thaw();
  await driver.close();
  await server.stop();
});

test("a write whose answer was lost is tried again, and made once", async () => {
  server.freeze();
  const writes = [
    driver.store.put("service/a", "1"),
    driver.store.put("service/b", "1", { ifRevision: 0 }),
    driver.store.put("service/c", "1"),
  ];
  await waitUntil("the link is down", () => driver.link.state === "down");
  await sleep(realClock, 300);
  server.thaw();
  const revisions = await Promise.all(writes);
  await sleep(realClock, 300);
  expect(recorder.entries.size).toBe(3);
  expect(recorder.changes.map(({ revision }) => revision)).toEqual(revisions.toSorted((left, right) => left - right));
});

test("a write is given up when the time is up, and its outcome is said to be unknown", async () => {
  server.freeze();
  const began = performance.now();
  await expect(driver.store.put("service/a", "1")).rejects.toMatchObject({ code: "outcome_unknown" });
  expect(performance.now() - began).toBeLessThan(5000);
  await expect(driver.store.put("service/b", "1")).rejects.toMatchObject({ code: "unavailable" });
});

test("the driver is closed at once while it waits for an answer", async () => {
  server.freeze();
  const outcome = driver.bus.publish("lobby.discovery", "hi").catch((error: unknown) => error);
  const began = performance.now();
  await driver.close();
  expect(performance.now() - began).toBeLessThan(100);
  expect(await outcome).toMatchObject({ code: "unavailable" });
});
