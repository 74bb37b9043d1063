import type { StoreSnapshot } from "@org/discovery-core";
import { startNats, waitUntil, type NatsServer } from "@org/discovery-test-servers";
import { connect } from "nats";
import { afterEach, beforeEach, expect, test } from "vitest";
import { natsKeeperWith, type Keeper } from "./context.ts";
import { Recorder } from "./recorder.ts";

const COUNT = 3000;
/** The restored entries, and the records of both epochs. */
const KEPT = COUNT + 2;

let server: NatsServer;
let pair: readonly [Keeper, Keeper];
let recorders: readonly [Recorder, Recorder];

beforeEach(async () => {
  server = await startNats();
  pair = [natsKeeperWith({ servers: [server.url] }), natsKeeperWith({ servers: [server.url] })];
  recorders = [new Recorder(), new Recorder()];
  for (const [index, driver] of pair.entries()) {
    await driver.start();
    await driver.store.watch(recorders[index] ?? recorders[0]);
  }
  await waitUntil("both know the epoch", () => recorders.every(({ last }) => last !== undefined));
});

afterEach(async () => {
  for (const driver of pair) await driver.close();
  await server.stop();
});

/** What a daemon might have kept from before the bucket was lost. */
function replica(): StoreSnapshot {
  const entries = Array.from({ length: COUNT }, (_, index) => {
    return [`service/${index}`, { value: `value ${index}`, revision: 5000 + index }] as const;
  });
  return { epoch: { id: "before", origin: "fresh", base: 0 }, revision: 9000, entries: new Map(entries) };
}

test("watchers see all of it at once, and revisions go on above both sides", async () => {
  const revision = await pair[0].store.restore(replica(), recorders[0].replica().epoch);
  expect(revision).toBeGreaterThan(9000);
  await waitUntil("the other daemon sees it", () => recorders[1].last?.epoch.origin === "restored");
  for (const recorder of recorders) {
    expect(recorder.snapshots.map(({ entries }) => entries.size)).toEqual([0, COUNT]);
    expect(recorder.entries).toEqual(replica().entries);
    expect(recorder.changes).toEqual([]);
  }
  expect(await pair[1].store.put("service/7", "on", { ifRevision: 5007 })).toBe(revision + 1);
});

test("a restore that dies halfway changes nothing, and another one succeeds", async () => {
  const dying = natsKeeperWith({ servers: [server.url] });
  await dying.start();
  const attempt = dying.store.restore(replica(), recorders[0].replica().epoch).catch((error: unknown) => error);
  const admin = await connect({ servers: server.url });
  const manager = await admin.jetstreamManager();
  const count = async (): Promise<number> => (await manager.streams.info("KV_discovery")).state.messages;
  await waitUntil("it is on its way", async () => (await count()) > 100);
  await dying.close();
  await attempt;
  expect(await count()).toBeLessThan(COUNT);
  for (const recorder of recorders) expect(recorder.snapshots.length).toBe(1);
  await pair[1].store.restore(replica(), recorders[1].replica().epoch);
  await waitUntil("the first daemon sees it", () => recorders[0].last?.epoch.origin === "restored");
  expect(recorders[0].entries).toEqual(replica().entries);
  await waitUntil("the dead one's entries are removed", async () => (await count()) === KEPT);
  await admin.close();
});

test("writes during a restore are neither lost nor overwritten", async () => {
  const epoch = recorders[0].replica().epoch;
  let isOver = false;
  const restoring = pair[0].store.restore(replica(), epoch).finally(() => {
    isOver = true;
  });
  const written = new Map<string, string>();
  for (let index = 0; !isOver; index++) {
    const key = `service/${index * 2}`;
    await pair[1].store.put(key, `new ${index}`);
    written.set(key, `new ${index}`);
  }
  await restoring;
  expect(written.size).toBeGreaterThan(10);
  await waitUntil("both see it", () => recorders.every(({ last }) => last?.epoch.origin === "restored"));
  await waitUntil("both are level", () => recorders[0].revision === recorders[1].revision);
  for (const recorder of recorders) {
    for (const [key, value] of written) expect(recorder.entries.get(key)?.value).toBe(value);
    expect(recorder.entries.size).toBe(COUNT);
    expect(recorder.disorder).toEqual([]);
  }
});

test("of two restores at once one wins, and the loser's entries are removed", async () => {
  const epoch = recorders[0].replica().epoch;
  const outcomes = await Promise.allSettled(pair.map((driver) => driver.store.restore(replica(), epoch)));
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  const admin = await connect({ servers: server.url });
  const manager = await admin.jetstreamManager();
  const count = async (): Promise<number> => (await manager.streams.info("KV_discovery")).state.messages;
  await waitUntil("the loser's entries are removed", async () => (await count()) === KEPT);
  await admin.close();
});
