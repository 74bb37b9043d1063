import { isDiscoveryError, sleep } from "@org/discovery-core";
import { realClock, waitUntil } from "@org/discovery-test-servers";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { startCluster, type Cluster } from "./cluster.ts";
import { natsKeeperWith, type Keeper } from "./context.ts";
import { Recorder } from "./recorder.ts";

const STREAM = "KV_discovery";
const WRITERS = 9;
/** A return is promised within 2 s, a change of servers within fewer; a machine that stands still for a while gets more. */
const SOON_MS = 5000;

let cluster: Cluster;
let drivers: Keeper[];
let recorders: Recorder[];

beforeAll(async () => {
  cluster = await startCluster();
  await cluster.ready();
  // Each is told of one server, and finds the others by itself.
  drivers = cluster.urls.map((url) => natsKeeperWith({ servers: [url], replicas: 3, requestTimeoutMs: 30_000 }));
  recorders = drivers.map(() => new Recorder());
  for (const [index, driver] of drivers.entries()) {
    await driver.store.watch(recorders[index]!);
    await driver.start();
  }
}, 120_000);

afterAll(async () => {
  for (const driver of drivers) await driver.close();
  await cluster.stop();
}, 30_000);

/** Keeps writing over every driver until told to stop; then resolves with the keys that were acknowledged. */
function keepWriting(prefix: string): () => Promise<Set<string>> {
  let isOver = false;
  const acknowledged = new Set<string>();
  const write = async (writer: number): Promise<void> => {
    const driver = drivers[writer % drivers.length]!;
    for (let round = 0; !isOver; round++) {
      const key = `${prefix}/${writer}/${round}`;
      try {
        await driver.store.put(key, "v", round % 2 === 0 ? {} : { ifRevision: 0 });
        acknowledged.add(key);
      } catch (error) {
        if (!isDiscoveryError(error, "outcome_unknown") && !isDiscoveryError(error, "unavailable")) throw error;
        await sleep(realClock, 20);
      }
    }
  };
  const writing = Promise.all(Array.from({ length: WRITERS }, (_, index) => write(index)));
  return async () => {
    isOver = true;
    await writing;
    return acknowledged;
  };
}

/** Whether a server that lives takes a message from every daemon. */
async function haveAVoice(): Promise<boolean> {
  const publishing = drivers.map(({ bus }) => bus.publish("lobby.discovery", "hi"));
  return (await Promise.allSettled(publishing)).every(({ status }) => status === "fulfilled");
}

test("daemons that find no bucket all at once wait for nobody who does not answer", async () => {
  const options = { prefix: "new-", replicas: 3, linkTimeoutMs: 60_000 };
  const started = await Promise.all(
    cluster.urls.map(async (url) => {
      const [driver, seen] = [natsKeeperWith({ ...options, servers: [url] }), new Recorder()];
      await driver.store.watch(seen);
      await driver.start();
      return { driver, seen };
    }),
  );
  const epochs = (): Set<string | undefined> => new Set(started.map(({ seen }) => seen.last?.epoch.id));
  // Sooner than a question would be given up that was asked of nobody, and of nobody in particular.
  await waitUntil("all see one bucket", () => epochs().size === 1 && !epochs().has(undefined), 30_000);
  for (const { driver } of started) await driver.close();
});

test("a conditional write waits for an election, too", { timeout: 180_000 }, async () => {
  await cluster.ready(STREAM);
  await cluster.level(STREAM);
  const leader = await cluster.leaderOf(STREAM);
  const servers = cluster.urls.filter((_, index) => index !== leader);
  const driver = natsKeeperWith({ servers, requestTimeoutMs: 60_000 });
  onTestFinished(async () => {
    await driver.close();
    await cluster.servers[leader]!.restart();
  });
  await driver.start();
  const revision = await driver.store.put("conditional", "1");
  await cluster.servers[leader]!.kill();
  // The copy may be behind: before it is refused, somebody who leads has to be asked.
  const refused = driver.store.put("conditional", "2", { ifRevision: 0 });
  await expect(refused).rejects.toMatchObject({ code: "revision_conflict" });
  expect(await driver.store.put("conditional", "2", { ifRevision: revision })).toBeGreaterThan(revision);
});

test.each([0, 1, 2])(
  "server %i of three is killed: nothing acknowledged is lost",
  { timeout: 180_000 },
  async (victim) => {
    const server = cluster.servers[victim]!;
    await cluster.ready(STREAM);
    await cluster.level(STREAM);
    const stopWriting = keepWriting(`service/${victim}`);
    await sleep(realClock, 500);
    await server.kill();
    await waitUntil("every daemon is with a server that lives", haveAVoice, SOON_MS);
    // Writes go on without the dead server, once the others have elected their leaders.
    await drivers[victim]!.store.put(`service/${victim}/after`, "v");
    await server.restart();
    const acknowledged = await stopWriting();
    expect(acknowledged.size).toBeGreaterThan(20);
    const last = await drivers[0]!.store.put(`service/${victim}/last`, "v");
    for (const recorder of recorders) {
      await waitUntil("every daemon is level", () => recorder.revision >= last, 20_000);
      expect([...acknowledged].filter((key) => !recorder.entries.has(key))).toEqual([]);
      expect(recorder.disorder).toEqual([]);
      expect(new Set(recorder.snapshots.map(({ epoch }) => epoch.id)).size).toBe(1);
    }
  },
);
