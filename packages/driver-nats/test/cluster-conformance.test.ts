import { driverContract } from "@org/discovery-driver-conformance";
import { realClock } from "@org/discovery-test-servers";
import { afterAll, beforeAll, describe, it } from "vitest";
import { startCluster, type Cluster } from "./cluster.ts";
import { natsDriverWith } from "./context.ts";

const START_MS = 60_000;

let cluster: Cluster;
let rounds = 0;

beforeAll(async () => {
  // The drivers know of one server and hear of no other, so that the link is down when that one is.
  cluster = await startCluster(["--no_advertise"]);
  await cluster.ready();
}, START_MS);

afterAll(() => cluster.stop());

// Each check has another of the three servers as the one that is killed; where it leads the bucket, the others elect a leader.
driverContract(
  { describe, it },
  {
    name: "nats, any one of a cluster of three",
    clock: realClock,
    history: 2,
    async open() {
      rounds++;
      const server = cluster.servers[rounds % 3] ?? cluster.servers[0];
      const options = { prefix: `round-${rounds}-`, replicas: 3, history: 2, requestTimeoutMs: 8000 };
      const stream = `KV_${options.prefix}discovery`;
      let isKilled = false;
      const start = async (): Promise<void> => {
        await server.restart();
        isKilled = false;
      };
      return {
        connect: () => natsDriverWith({ ...options, servers: [server.url] }),
        kill: async () => {
          isKilled = true;
          await server.kill();
        },
        freeze: async () => server.freeze(),
        thaw: async () => server.thaw(),
        start: async (how) => {
          if (how?.empty === true) await cluster.deleteStream(stream);
          await start();
        },
        close: async () => {
          server.thaw();
          if (isKilled) await start();
        },
      };
    },
  },
);
