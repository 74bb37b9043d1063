import { rm } from "node:fs/promises";
import { join } from "node:path";
import { driverContract } from "@org/discovery-driver-conformance";
import { realClock, startRedisCluster, type RedisCluster } from "@org/discovery-test-servers";
import { afterAll, beforeAll, describe, it } from "vitest";
import { connectTo } from "./connect.ts";

const HISTORY = 20;
/** As in the suite for a single server. */
const LINK_TIMEOUT_MS = 2500;

const SAME = "the same script, on the same one node, as in the suite for a single server; here each kill takes 3 s";
const SLOW = "a node of a cluster serves no sooner than 2 s after its start, by Redis's own rule; a like check runs";

let cluster: RedisCluster;
let count = 0;

// One cluster for all checks, since to start one takes seconds; each check has a registry of its own in it.
// The nodes are patient: what is down here comes back, and nobody takes over.
beforeAll(async () => {
  cluster = await startRedisCluster({ nodeTimeoutMs: 15_000 });
});

afterAll(() => cluster.stop());

driverContract(
  { describe, it },
  {
    name: "redis cluster",
    clock: realClock,
    history: HISTORY,
    // All of them pass when they are run, in 100 s. What "like check" stands for is here or in cluster.test.ts.
    skips: {
      "bus: subscriptions survive a kill": SLOW,
      "bus: subscriptions survive a freeze": SLOW,
      "bus: a subscription made while down hears once the link is up, a cancelled one does not": SLOW,
      "bus: publishing while down fails at once, and nothing is sent later": SLOW,
      "link: down within 5 s of a kill, up within 2 s of the return": SLOW,
      "start: waits for a backend that is down, then everything works": SLOW,
      "start: an aborted signal rejects it": SLOW,
      "start: closing the driver rejects it": SLOW,
      "close: is fast while the backend is down": SLOW,
      "write: while down it fails as unavailable and is not made later": SLOW,
      "durability: what was acknowledged survives a kill": SLOW,
      "durability: a write in flight during a kill is written, refused or unknown": SLOW,
      "durability: a write in flight during a freeze is written, refused or unknown": SLOW,
      "watch: goes on after a freeze": SLOW,
      "watch: a gap longer than the backend's history is bridged by a snapshot": SAME,
      "lost data: a return with the data keeps the epoch": SAME,
      "lost data: an empty return begins a fresh epoch": SAME,
      "lost data: what was written since is kept": SAME,
      "lost data: the registry goes on where it was": SAME,
      "lost data: a restore of another epoch, or of one that lost nothing, is refused": SAME,
      "wipe: survives a kill": SAME,
      "start: a watcher registered while the backend is down sees everything once it is there": SLOW,
      "replica: is not emptied by a backend that lost its data, and refills it": SAME,
      "replica: as it was saved by a daemon that was stopped, it refills the backend": SAME,
    },
    async open() {
      const prefix = `check${count++}`;
      const node = await cluster.ownerOf(`{${prefix}}:meta`);
      let isDown = false;
      const start = async (empty: boolean): Promise<void> => {
        // Its nodes.conf stays: without that it would be no member of the cluster.
        if (empty) await rm(join(node.data, "appendonlydir"), { recursive: true });
        await node.restart();
        await cluster.serving([node]);
        isDown = false;
      };
      return {
        connect: () =>
          connectTo({
            cluster: [...cluster.addresses],
            prefix,
            historyLimit: HISTORY,
            linkTimeoutMs: LINK_TIMEOUT_MS,
          }),
        async kill() {
          await node.kill();
          isDown = true;
        },
        freeze: async () => node.freeze(),
        thaw: async () => node.thaw(),
        start: ({ empty = false } = {}) => start(empty),
        answers: () => node.cli("ping"),
        async close() {
          node.thaw();
          if (isDown) await start(false);
        },
      };
    },
  },
);
