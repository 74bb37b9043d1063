import { isDiscoveryError } from "@org/discovery-core";
import { startRedisCluster, waitUntil, type RedisCluster, type RedisServer } from "@org/discovery-test-servers";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { RedisDriver } from "../src/driver.ts";
import { connectTo } from "./connect.ts";
import { Recorder } from "./recorder.ts";

const CHANNEL = "lobby:discovery";
const KEY = "{discovery}:meta";
const UP_WITHIN_MS = 2000;
/** More than the two seconds for which a busy machine may let a server stand still. */
const PATIENT = { linkTimeoutMs: 2500, waitTimeoutMs: 2200 };

let cluster: RedisCluster;
let daemons: Daemon[];

interface Daemon {
  readonly driver: RedisDriver;
  readonly recorder: Recorder;
  readonly heard: string[];
  /** How often the link went down. */
  losses(): number;
}

beforeAll(async () => {
  cluster = await startRedisCluster({ replicaFor: KEY });
});

afterAll(() => cluster.stop());

beforeEach(async () => {
  daemons = await Promise.all(cluster.addresses.map((address) => daemon([address])));
});

afterEach(async () => {
  for (const node of cluster.nodes) node.thaw();
  await Promise.all(daemons.map(({ driver }) => driver.close()));
});

/** A daemon that was told of these nodes. */
async function daemon(nodes: readonly string[]): Promise<Daemon> {
  const driver = connectTo({ ...PATIENT, cluster: [...nodes], waitReplicas: 1 });
  const heard: string[] = [];
  const recorder = new Recorder();
  let losses = 0;
  driver.link.onChange(({ state }) => void (state === "down" && losses++));
  await driver.bus.subscribe(CHANNEL, (message) => void heard.push(message));
  await driver.start();
  await driver.store.watch(recorder);
  await waitUntil("a snapshot", () => recorder.last !== undefined);
  return { driver, recorder, heard, losses: () => losses };
}

/** Every daemon hears every daemon and sees its writes. */
async function works(): Promise<void> {
  for (const { heard } of daemons) heard.length = 0;
  let last = 0;
  for (const [index, { driver }] of daemons.entries()) {
    await driver.bus.publish(CHANNEL, `from ${index}`);
    last = await driver.store.put(`service/${index}`, `after revision ${last}`);
  }
  await waitUntil("all hear all", () => daemons.every(({ heard }) => heard.length === daemons.length));
  await waitUntil("all see all", () => daemons.every(({ recorder }) => recorder.revision === last));
  for (const { recorder } of daemons) expect(recorder.disorder).toEqual([]);
}

async function areUp(): Promise<void> {
  const owner = await cluster.ownerOf(KEY);
  const isUp = async (): Promise<boolean> => {
    // While a busy machine lets that one stand still, nobody can be up.
    await owner.cli("ping");
    return daemons.every(({ driver }) => driver.link.state === "up");
  };
  await waitUntil("the links are up", isUp, UP_WITHIN_MS);
}

function epochs(): Set<string> {
  return new Set(daemons.flatMap(({ recorder }) => recorder.snapshots.map(({ epoch }) => epoch.id)));
}

function losses(): number[] {
  return daemons.map((each) => each.losses());
}

async function bystander(): Promise<RedisServer> {
  const owner = await cluster.ownerOf(KEY);
  const found = cluster.nodes.slice(0, 3).find((node) => node !== owner);
  if (found === undefined) throw new Error("a cluster of one");
  return found;
}

/** Puts `key` from every daemon at once, as long as it takes, and returns what they were told besides success. */
async function insist(key: string): Promise<string[]> {
  const refusals: string[] = [];
  const write = async ({ driver }: Daemon, index: number): Promise<void> => {
    const isTaken = async (): Promise<boolean> => {
      try {
        await driver.store.put(`${key}/${index}`, "1");
        return true;
      } catch (error) {
        refusals.push(isDiscoveryError(error) ? error.code : String(error));
        return false;
      }
    };
    await waitUntil("the write is taken", isTaken, 60_000);
  };
  await Promise.all(daemons.map(write));
  return refusals;
}

test("any one node is enough to start from, and messages of other software arrive from every node", async () => {
  await works();
  for (const { heard } of daemons) heard.length = 0;
  for (const node of cluster.nodes) await node.cli("publish", CHANNEL, "lobby");
  await waitUntil("all heard all", () => daemons.every(({ heard }) => heard.length === cluster.nodes.length));
});

test("a node that holds nothing of ours may freeze or die: nobody notices, not even a daemon that started from it", async () => {
  const before = losses();
  const node = await bystander();
  node.freeze();
  await works();
  node.thaw();
  await node.kill();
  await works();
  expect(losses()).toEqual(before);
  const late = await daemon([`127.0.0.1:${node.port}`, ...cluster.addresses]);
  await late.driver.close();
  await node.restart();
  await cluster.serving();
});

test("a planned failover refuses at most what comes in between", async () => {
  const failover = cluster.failOver(KEY);
  const refusals = await insist("during");
  await failover;
  refusals.push(...(await insist("after")));
  await areUp();
  await works();
  expect(refusals.filter((code) => code !== "unavailable" && code !== "outcome_unknown")).toEqual([]);
  expect(epochs().size).toBe(1);
});

test("the node that holds the registry freezes: everybody goes on with its replica, and stays there after the thaw", async () => {
  await works();
  const owner = await cluster.ownerOf(KEY);
  const before = losses();
  owner.freeze();
  await cluster.movedFrom(owner, KEY);
  // The cluster may move on before a driver gives its frozen connection up.
  const isNoticed = (): boolean => losses().every((count, index) => count > (before[index] ?? 0));
  await waitUntil("the loss is noticed", isNoticed);
  await areUp();
  owner.thaw();
  await cluster.serving();
  await waitUntil("it is a replica", async () => (await owner.cli("role")).startsWith("slave"));
  await waitUntil("it follows", async () => (await owner.cli("info", "replication")).includes("link_status:up"));
  await works();
  expect(epochs().size).toBe(1);
});

test("the node that holds the registry dies: every acknowledged write is on the replica that takes over", async () => {
  await works();
  const owner = await cluster.ownerOf(KEY);
  const acknowledged: string[] = [];
  const attempts = Array.from({ length: 200 }, async (_, index) => {
    await daemons[index % daemons.length]?.driver.store.put(`burst/${index}`, "1");
    acknowledged.push(`burst/${index}`);
  });
  const outcomes = Promise.allSettled(attempts);
  await waitUntil("some are written", () => acknowledged.length > 0);
  await owner.kill();
  await outcomes;
  await cluster.movedFrom(owner, KEY);
  await areUp();
  const late = await daemon([...cluster.addresses]);
  expect(acknowledged.filter((key) => !late.recorder.values.has(key))).toEqual([]);
  await late.driver.close();
  await owner.restart();
  await waitUntil("it follows", async () => (await owner.cli("info", "replication")).includes("link_status:up"));
  await works();
  expect(epochs().size).toBe(1);
});
