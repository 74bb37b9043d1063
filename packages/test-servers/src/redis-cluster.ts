import { freePort } from "./free-port.ts";
import { startRedis, type RedisServer } from "./redis-server.ts";
import { waitUntil } from "./wait-until.ts";

const SLOTS = 16_384;
const PRIMARIES = 3;
const PORT_ATTEMPTS = 3;
const AGREED_WITHIN_MS = 60_000;
/** Redis gives up a planned failover that took longer than five seconds, and tells nobody. */
const PLANNED_WITHIN_MS = 6000;

export interface RedisClusterOptions {
  /** Silence after which the nodes take one for dead, in milliseconds. Default 3000: longer than a busy machine lets one wait. */
  readonly nodeTimeoutMs?: number;
  /** A key whose shard gets a replica. Default: no shard has one. */
  readonly replicaFor?: string;
}

/** Three shards on loopback. One that is gone does not stop the others (`cluster-require-full-coverage no`). */
export interface RedisCluster {
  /** The primaries as the cluster began, then the replica, if there is one. */
  readonly nodes: readonly RedisServer[];
  /** Addresses of the nodes, `127.0.0.1:<port>`. */
  readonly addresses: readonly string[];
  /** The node that serves a key now, as the node that answers first believes. */
  ownerOf(key: string): Promise<RedisServer>;
  /** Resolves with the node that serves a key once it is another than `old`. */
  movedFrom(old: RedisServer, key: string): Promise<RedisServer>;
  /** Has the replica of the node that serves a key take over from it while that lives; resolves when it has. */
  failOver(key: string): Promise<void>;
  /**
   * Resolves when every one of these nodes serves, is connected to each other one and knows it to be well. A node that was
   * started must wait two seconds, by Redis's own rule.
   */
  serving(nodes?: readonly RedisServer[]): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the nodes and joins them; resolves when all of them serve, and a replica follows. */
export async function startRedisCluster(options: RedisClusterOptions = {}): Promise<RedisCluster> {
  const { nodeTimeoutMs = 3000, replicaFor } = options;
  const nodes: Node[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map(({ server }) => server.stop()));
  };
  try {
    const count = replicaFor === undefined ? PRIMARIES : PRIMARIES + 1;
    while (nodes.length < count) nodes.push(await startNode(nodeTimeoutMs));
    const servers = nodes.map(({ server }) => server);
    await join(nodes);
    if (replicaFor !== undefined) await addReplica(servers, replicaFor);
    await serving(servers);
    return assemble(servers, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

function assemble(nodes: readonly RedisServer[], stop: () => Promise<void>): RedisCluster {
  const ownerOf = (key: string): Promise<RedisServer> => owner(nodes, key);
  const hasMoved = async (old: RedisServer, key: string): Promise<boolean> => {
    const serves = async (node: RedisServer): Promise<boolean> =>
      (await isServing(node)) && (await owner(nodes, key, [node]).catch(() => old)) !== old;
    const others = nodes.filter((node) => node !== old);
    return (await Promise.all(others.map(serves))).every(Boolean);
  };
  return {
    ...{ nodes, ownerOf, stop },
    addresses: nodes.map(({ port }) => `127.0.0.1:${port}`),
    serving: (some = nodes) => serving(some),
    async movedFrom(old, key) {
      await waitUntil("the other nodes agree on a successor", () => hasMoved(old, key), AGREED_WITHIN_MS);
      const others = nodes.filter((node) => node !== old);
      return owner(nodes, key, others);
    },
    async failOver(key) {
      const old = await ownerOf(key);
      const replica = await replicaOf(nodes, old);
      let askedAt = Number.NEGATIVE_INFINITY;
      const hasTakenOver = async (): Promise<boolean> => {
        if (performance.now() - askedAt > PLANNED_WITHIN_MS) {
          askedAt = performance.now();
          await replica.cli("cluster", "failover");
        }
        return hasMoved(old, key);
      };
      await waitUntil("the replica has taken over", hasTakenOver, AGREED_WITHIN_MS);
    },
  };
}

interface Node {
  readonly server: RedisServer;
  /** Where it talks to other nodes. */
  readonly busPort: number;
}

async function startNode(nodeTimeoutMs: number): Promise<Node> {
  for (let attempt = 1; ; attempt++) {
    const busPort = await freePort();
    const cluster = ["--cluster-enabled", "yes", "--cluster-port", String(busPort)];
    const rules = ["--cluster-replica-validity-factor", "0", "--cluster-require-full-coverage", "no"];
    const args = [...cluster, "--cluster-node-timeout", String(nodeTimeoutMs), ...rules];
    try {
      return { server: await startRedis({ args }), busPort };
    } catch (error) {
      if (attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

/** Gives each of the first nodes its share of the slots, and makes all nodes known to each other. */
async function join(nodes: readonly Node[]): Promise<void> {
  const [first, ...others] = nodes;
  if (first === undefined) return;
  for (const [index, { server }] of nodes.entries()) {
    await server.cli("cluster", "set-config-epoch", String(index + 1));
    if (index >= PRIMARIES) continue;
    const [from, to] = [index, index + 1].map((share) => Math.ceil((share * SLOTS) / PRIMARIES));
    await server.cli("cluster", "addslotsrange", String(from), String(Number(to) - 1));
  }
  for (const { server, busPort } of others) {
    await first.server.cli("cluster", "meet", "127.0.0.1", String(server.port), String(busPort));
  }
  await waitUntil("the nodes know each other", async () => {
    const infos = await Promise.all(nodes.map(({ server }) => server.cli("cluster", "nodes")));
    return infos.every((info) => info.split("\n").length === nodes.length && !info.includes("handshake"));
  });
}

async function addReplica(nodes: readonly RedisServer[], key: string): Promise<void> {
  const replica = nodes.at(-1);
  const primary = await owner(nodes, key);
  const id = await primary.cli("cluster", "myid");
  await waitUntil(
    "the replica was told of its primary",
    async () => (await replica?.cli("cluster", "replicate", id)) === "OK",
  );
  await waitUntil("the replica follows", async () =>
    (await primary.cli("info", "replication")).includes("state=online"),
  );
}

async function replicaOf(nodes: readonly RedisServer[], primary: RedisServer): Promise<RedisServer> {
  for (const node of nodes) {
    const [role, , port] = (await node.cli("role")).split("\n");
    if (role === "slave" && Number(port) === primary.port) return node;
  }
  throw new Error(`port ${primary.port} has no replica`);
}

/** The node that serves a key as those `asked` believe, the first of them that answers. */
async function owner(nodes: readonly RedisServer[], key: string, asked = nodes): Promise<RedisServer> {
  const [slot, ranges] = await Promise.any(
    asked.map(async (node) => [Number(await node.cli("cluster", "keyslot", key)), await shards(node)] as const),
  );
  const range = ranges.find(({ from, to }) => from <= slot && slot <= to);
  const found = nodes.find(({ port }) => port === range?.port);
  if (found === undefined) throw new Error(`no node serves slot ${slot}`);
  return found;
}

interface Shard {
  readonly from: number;
  readonly to: number;
  readonly port: number;
}

async function shards(node: RedisServer): Promise<Shard[]> {
  const lines = (await node.cli("cluster", "nodes")).split("\n").filter((line) => / (myself,)?master - /.test(line));
  return lines.flatMap((line) => {
    const [, address = "", , , , , , , ...slots] = line.split(" ");
    const port = Number(address.split("@")[0]?.split(":")[1]);
    return slots.map((range) => {
      const [from, to = from] = range.split("-").map(Number);
      return { from: from ?? -1, to: to ?? -1, port };
    });
  });
}

async function isServing(node: RedisServer): Promise<boolean> {
  return (await node.cli("cluster", "info").catch(() => "")).includes("cluster_state:ok");
}

/** Whether a node has a connection to each of the others and takes none of them for dead. */
async function isInTouch(node: RedisServer, others: readonly RedisServer[]): Promise<boolean> {
  const lines = (await node.cli("cluster", "nodes").catch(() => "")).split("\n");
  const isWell = ({ port }: RedisServer): boolean =>
    lines.some((line) => line.includes(`:${port}@`) && line.includes(" connected") && !/fail|handshake/.test(line));
  return others.every(isWell);
}

function serving(nodes: readonly RedisServer[]): Promise<void> {
  const isReady = async (node: RedisServer): Promise<boolean> =>
    (await isServing(node)) && (await isInTouch(node, nodes));
  return waitUntil(
    "every node serves",
    async () => (await Promise.all(nodes.map(isReady))).every(Boolean),
    AGREED_WITHIN_MS,
  );
}
