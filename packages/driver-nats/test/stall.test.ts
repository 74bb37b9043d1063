import { startNats, waitUntil, type NatsServer } from "@org/discovery-test-servers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LogBook, natsKeeperWith, type Keeper } from "./context.ts";
import { Recorder } from "./recorder.ts";

/** More than a server may be silent, and that more than it is on a busy machine. */
const LINK_TIMEOUT_MS = 2500;
const STALL_MS = 3200;

let server: NatsServer;
let driver: Keeper;
let log: LogBook;

beforeEach(async () => {
  server = await startNats();
  log = new LogBook();
  driver = natsKeeperWith({ servers: [server.url], linkTimeoutMs: LINK_TIMEOUT_MS, pingIntervalMs: 100 }, log);
  const recorder = new Recorder();
  await driver.store.watch(recorder);
  await driver.start();
  await waitUntil("the first snapshot", () => recorder.snapshots.length > 0);
});

afterEach(async () => {
  await driver.close();
  await server.stop();
});

/** Keeps this process from reading what the server says. */
function standStill(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STALL_MS);
}

test("who stood still takes nobody's silence for a loss", async () => {
  const { since } = driver.link;
  const published = driver.bus.publish("lobby.discovery", "hi");
  // After this Node looks at its timers, and only then at what came.
  await new Promise((resolve) => void setImmediate(resolve));
  standStill();
  await published;
  await waitUntil("the link begins anew", () => driver.link.since > since);
  expect(log.lines.filter(({ level }) => level !== "info")).toEqual([]);
});
