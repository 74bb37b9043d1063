import { driverContract } from "@org/discovery-driver-conformance";
import { realClock } from "@org/discovery-test-servers";
import { afterAll, beforeAll, describe, it } from "vitest";
import { startCluster, type Cluster } from "./cluster.ts";
import { natsDriverWith } from "./context.ts";

const START_MS = 120_000;

/**
 * One for each check that runs at the same time (`maxConcurrency` of this project): nearly all the time goes by in elections, which
 * nats-server lets nobody hasten.
 */
const CLUSTERS = 3;

let clusters: Cluster[] = [];
let idle: Cluster[] = [];
let rounds = 0;

beforeAll(async () => {
  // The drivers know of one server and hear of no other, so that the link is down when that one is.
  clusters = await Promise.all(Array.from({ length: CLUSTERS }, () => startCluster(["--no_advertise"])));
  idle = [...clusters];
}, START_MS);

afterAll(async () => {
  for (const cluster of clusters) await cluster.stop();
});

// Each check has another of the three servers as the one that is killed; where it leads the bucket, the others elect a leader.
driverContract(
  { describe: describe.concurrent, it },
  {
    name: "nats, any one of a cluster of three",
    clock: realClock,
    history: 2,
    async open() {
      rounds++;
      const cluster = idle.shift();
      if (cluster === undefined) throw new Error("expected no more checks at a time than there are clusters");
      const server = cluster.servers[rounds % 3] ?? cluster.servers[0];
      const options = { prefix: `round-${rounds}-`, replicas: 3, history: 2 };
      const stream = `KV_${options.prefix}discovery`;
      let isKilled = false;
      // Two that are missing would be one too many.
      await cluster.ready();
      const start = async (): Promise<void> => {
        await server.restart();
        isKilled = false;
        // How long elections take is no promise of the driver's. What it does meanwhile is in `failover.test.ts`, and that it is up
        // within 2 s of the return in `cluster-members.test.ts`.
        await cluster.ready(stream);
      };
      return {
        connect: () => natsDriverWith({ ...options, servers: [server.url] }),
        kill: async () => {
          isKilled = true;
          await server.kill();
        },
        freeze: async () => server.freeze(),
        thaw: async () => {
          server.thaw();
          await cluster.ready(stream);
        },
        start: async (how) => {
          if (how?.empty === true) await cluster.deleteStream(stream);
          await start();
        },
        answers: () => server.answers(),
        close: async () => {
          server.thaw();
          if (isKilled) await server.restart();
          // Or the next leader would have to be elected for this one, too.
          await cluster.deleteStream(stream);
          idle.push(cluster);
        },
      };
    },
  },
);
