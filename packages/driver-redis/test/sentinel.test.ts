import { isDiscoveryError, Replica, type Log } from "@org/discovery-core";
import {
  realClock,
  startRedisSentinels,
  waitUntil,
  type RedisSentinels,
  type RedisServer,
} from "@org/discovery-test-servers";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RedisDriver } from "../src/driver.ts";
import { connectTo, silent } from "./connect.ts";
import { Recorder } from "./recorder.ts";

const CHANNEL = "lobby:discovery";
const UP_WITHIN_MS = 2000;
const CONFIRMED_WITHIN_MS = 60_000;
/** More than the two seconds for which a busy machine may let a server stand still. */
const PATIENT = { linkTimeoutMs: 2500, waitTimeoutMs: 2200 };

let sentinels: RedisSentinels;

beforeAll(async () => {
  sentinels = await startRedisSentinels();
});

afterAll(() => sentinels.stop());

interface Daemon {
  readonly driver: RedisDriver;
  readonly heard: string[];
  /** How often the link went down. */
  losses(): number;
}

/** A daemon's driver, connected, with what it hears. */
async function daemon(prefix: string, waitReplicas: number): Promise<Daemon> {
  const primary = { sentinels: [...sentinels.addresses], sentinelName: sentinels.name };
  const driver = connectTo({ ...primary, ...PATIENT, prefix, waitReplicas });
  const heard: string[] = [];
  let losses = 0;
  driver.link.onChange(({ state }) => void (state === "down" && losses++));
  await driver.bus.subscribe(CHANNEL, (message) => void heard.push(message));
  await driver.start();
  return { driver, heard, losses: () => losses };
}

/** Writes until stopped, and remembers what was acknowledged. */
function writer(driver: RedisDriver): { readonly acknowledged: string[]; stop(): Promise<void> } {
  const acknowledged: string[] = [];
  let stopped = false;
  const write = async (): Promise<void> => {
    for (let index = 0; !stopped; index++) {
      try {
        await driver.store.put(`service/${index}`, "1");
        acknowledged.push(`service/${index}`);
      } catch (error) {
        if (!isDiscoveryError(error, "unavailable") && !isDiscoveryError(error, "outcome_unknown")) throw error;
      }
      await pause(5);
    }
  };
  const done = write();
  return {
    acknowledged,
    stop: () => {
      stopped = true;
      return done;
    },
  };
}

/**
 * The primary dies when neither replica has its last writes: both are cut off from it first, without a chance to come
 * back. One was cut off earlier than the other.
 */
async function failOver(prefix: string, beforeTheEnd: () => Promise<void> = async () => {}): Promise<RedisServer> {
  const primary = await sentinels.primary();
  const [first, second] = sentinels.servers.filter((server) => server !== primary);
  const revision = async (): Promise<number> => Number(await primary.cli("hget", `{${prefix}}:meta`, "revision"));
  const cutOff = async (replica: typeof first): Promise<void> => {
    replica?.freeze();
    // What was sent to a frozen process waits for it in its socket; what is not connected gets nothing.
    await primary.cli("client", "kill", "type", "replica");
    const before = await revision();
    await waitUntil("writes that it misses", async () => (await revision()) > before + 1);
  };
  await cutOff(first);
  await cutOff(second);
  await beforeTheEnd();
  await primary.kill();
  first?.thaw();
  second?.thaw();
  const successor = await sentinels.failedOver(primary);
  rejoining = () => sentinels.rejoin(primary, successor);
  return successor;
}

let rejoining = async (): Promise<void> => {};

/** What a daemon finds that was not there. */
async function found(prefix: string): Promise<Set<string>> {
  const { driver } = await daemon(prefix, 0);
  const recorder = new Recorder();
  await driver.store.watch(recorder);
  await waitUntil("a snapshot", () => recorder.last !== undefined);
  await driver.close();
  return new Set(recorder.values.keys());
}

async function backTogether(successor: RedisServer, daemons: readonly Daemon[]): Promise<void> {
  const areUp = async (): Promise<boolean> => {
    // While a busy machine lets that one stand still, nobody can be up.
    await successor.cli("ping");
    return daemons.every(({ driver }) => driver.link.state === "up");
  };
  await waitUntil("the links are up", areUp, UP_WITHIN_MS);
  for (const { heard } of daemons) heard.length = 0;
  for (const { driver } of daemons) await driver.bus.publish(CHANNEL, "again");
  await waitUntil("all hear all", () => daemons.every(({ heard }) => heard.length === daemons.length));
}

/** Whether a replica has confirmed the write. */
async function isConfirmed(driver: RedisDriver, key: string): Promise<boolean> {
  try {
    await driver.store.put(key, "1");
    return true;
  } catch (error) {
    if (isDiscoveryError(error, "outcome_unknown")) return false;
    throw error;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

test("with waitReplicas 1 every acknowledged write is on the primary that takes over", async () => {
  const pair = [await daemon("safe", 1), await daemon("safe", 1)] as const;
  const writing = writer(pair[0].driver);
  await waitUntil("some writes", () => writing.acknowledged.length > 20);
  await backTogether(await failOver("safe"), pair);
  const before = writing.acknowledged.length;
  // The other replica follows the new primary a moment after the sentinels named it: until then nothing can confirm a write.
  await waitUntil("writes go on", () => writing.acknowledged.length > before + 5, CONFIRMED_WITHIN_MS);
  await writing.stop();
  const there = await found("safe");
  expect(writing.acknowledged.filter((key) => !there.has(key))).toEqual([]);
  await Promise.all(pair.map(({ driver }) => driver.close()));
  await rejoining();
});

test("without it the last writes are lost, recognised as a rewind, and put back by a replica that saw them", async () => {
  const pair = [await daemon("fast", 0), await daemon("fast", 0)] as const;
  const restored: unknown[] = [];
  const log: Log = { ...silent, warn: (fields) => void ("entries" in fields && restored.push(fields)) };
  const replicas = pair.map(({ driver }) => new Replica({ clock: realClock, log, store: driver.store, settleMs: 0 }));
  for (const replica of replicas) await replica.start();
  await waitUntil("live replicas", () => replicas.every(({ live }) => live));
  const writing = writer(pair[0].driver);
  await waitUntil("some writes", () => writing.acknowledged.length > 20);
  const { acknowledged } = writing;
  // From here on nobody writes, and the daemons are the only ones who know what is missing.
  const successor = await failOver("fast", async () => {
    await writing.stop();
    await waitUntil("both saw it all", () => replicas.every(({ entries }) => entries.size === acknowledged.length));
  });
  await backTogether(successor, pair);
  await waitUntil("it is put back", () => replicas.every(({ epoch }) => epoch?.origin === "restored"), UP_WITHIN_MS);
  expect(restored).toEqual([expect.objectContaining({ origin: "rewound", entries: acknowledged.length })]);
  const there = await found("fast");
  expect(acknowledged.filter((key) => !there.has(key))).toEqual([]);
  for (const replica of replicas) expect(new Set(replica.entries.keys())).toEqual(there);
  for (const replica of replicas) replica.stop();
  await Promise.all(pair.map(({ driver }) => driver.close()));
  await rejoining();
});

test("a primary and a sentinel that are frozen do not hold up the rest, and do no harm when they thaw", async () => {
  const pair = [await daemon("frozen", 1), await daemon("frozen", 1)] as const;
  await waitUntil("a write is confirmed", () => isConfirmed(pair[0].driver, "service/a"), CONFIRMED_WITHIN_MS);
  const primary = await sentinels.primary();
  const before = pair.map(({ losses }) => losses());
  sentinels.sentinels[0]?.freeze();
  primary.freeze();
  const successor = await sentinels.failedOver(primary);
  // The sentinels may agree before a driver gives its frozen connection up.
  const isNoticed = (): boolean => pair.every(({ losses }, index) => losses() > (before[index] ?? 0));
  await waitUntil("the loss is noticed", isNoticed);
  await backTogether(successor, pair);
  await waitUntil("a write is confirmed", () => isConfirmed(pair[0].driver, "service/b"), CONFIRMED_WITHIN_MS);
  const after = pair.map(({ losses }) => losses());
  primary.thaw();
  sentinels.sentinels[0]?.thaw();
  await waitUntil("it is made a replica", async () => (await primary.cli("role")).startsWith("slave"), 60_000);
  await waitUntil("a write is confirmed", () => isConfirmed(pair[1].driver, "service/c"), CONFIRMED_WITHIN_MS);
  expect(await found("frozen")).toEqual(new Set(["service/a", "service/b", "service/c"]));
  expect(pair.map(({ losses }) => losses())).toEqual(after);
  await Promise.all(pair.map(({ driver }) => driver.close()));
});
