import { sleep } from "@org/discovery-core";
import { realClock, startNats, waitUntil, type NatsServer } from "@org/discovery-test-servers";
import { connect, type NatsConnection } from "nats";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { natsKeeperWith, type Keeper } from "./context.ts";
import { Recorder } from "./recorder.ts";

/** An answer takes less, also where others compete for the processor. */
const SILENCE_MS = 500;

let server: NatsServer;
let driver: Keeper;
let recorder: Recorder;

beforeEach(async () => {
  server = await startNats();
});

afterEach(async () => {
  server.thaw();
  await driver.close();
  await server.stop();
});

/** A server that is told to stop may still answer for a moment. */
async function standsStill(witness: NatsConnection): Promise<boolean> {
  const answer = witness.flush().then(
    () => "answer",
    () => "end",
  );
  return (await Promise.race([answer, sleep(realClock, SILENCE_MS)])) === undefined;
}

/** Connects, and freezes the server while there is nothing between it and the driver. */
async function frozen(options: { linkTimeoutMs: number; requestTimeoutMs: number }): Promise<void> {
  driver = natsKeeperWith({ servers: [server.url], pingIntervalMs: 100, ...options });
  recorder = new Recorder();
  await driver.store.watch(recorder);
  await driver.start();
  await waitUntil("the first snapshot", () => recorder.snapshots.length > 0);
  await driver.store.put("service/before", "1");
  const witness = await connect({ servers: server.url });
  onTestFinished(() => witness.close());
  server.freeze();
  await waitUntil("the server stands still", () => standsStill(witness));
}

test("a write whose answer was lost is tried again, and made once", async () => {
  await frozen({ linkTimeoutMs: 4000, requestTimeoutMs: 60_000 });
  const before = recorder.changes.length;
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
  expect(recorder.values).toEqual({ "service/before": "1", "service/a": "1", "service/b": "1", "service/c": "1" });
  const made = recorder.changes.slice(before).map(({ revision }) => revision);
  expect(made).toEqual(revisions.toSorted((left, right) => left - right));
});

test("a write is given up when the time is up, and its outcome is said to be unknown", async () => {
  await frozen({ linkTimeoutMs: 4000, requestTimeoutMs: 1000 });
  const began = performance.now();
  await expect(driver.store.put("service/a", "1")).rejects.toMatchObject({ code: "outcome_unknown" });
  expect(performance.now() - began).toBeGreaterThan(850);
  expect(performance.now() - began).toBeLessThan(6000);
  await waitUntil("the link is down", () => driver.link.state === "down");
  await expect(driver.store.put("service/b", "1")).rejects.toMatchObject({ code: "unavailable" });
});

test("the driver is closed at once while it waits for an answer", async () => {
  await frozen({ linkTimeoutMs: 60_000, requestTimeoutMs: 60_000 });
  const outcome = driver.bus.publish("lobby.discovery", "hi").catch((error: unknown) => error);
  const began = performance.now();
  await driver.close();
  expect(performance.now() - began).toBeLessThan(5000);
  expect(await outcome).toMatchObject({ code: "unavailable" });
});
