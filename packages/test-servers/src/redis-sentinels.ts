import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { redisCli, startRedis, type RedisServer } from "./redis-server.ts";
import { ServerProcess, type ServerPlace } from "./server-process.ts";
import { waitUntil } from "./wait-until.ts";

const QUORUM = 2;
/** For servers that may be frozen. */
const IN_TIME = { timeoutMs: 500 };

/** A primary, two replicas, and three sentinels that watch them and fail over within seconds. */
export interface RedisSentinels {
  /** Under which the sentinels know the primary. */
  readonly name: string;
  /** Addresses of the sentinels, `127.0.0.1:<port>`. */
  readonly addresses: readonly string[];
  /** The servers; the first began as the primary. */
  readonly servers: readonly RedisServer[];
  /** The server that most sentinels name as the primary, once they agree and it takes writes. */
  primary(): Promise<RedisServer | undefined>;
  /** Resolves with the primary once it is another than `old`. */
  failedOver(old: RedisServer): Promise<RedisServer>;
  /** Runs a server that was killed again, as a replica of `primary`; resolves when it follows. */
  rejoin(server: RedisServer, primary: RedisServer): Promise<void>;
  /** Freezes or thaws a sentinel. */
  readonly sentinels: readonly Pick<ServerProcess, "freeze" | "thaw" | "kill">[];
  stop(): Promise<void>;
}

/** Starts the seven processes; resolves when every sentinel knows every other process. */
export async function startRedisSentinels(): Promise<RedisSentinels> {
  const name = "registry";
  const servers: RedisServer[] = [];
  const sentinels: ServerProcess[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all([...sentinels, ...servers].map((each) => each.stop()));
  };
  try {
    const primary = await startRedis();
    servers.push(primary);
    for (let count = 0; count < 2; count++) servers.push(await startRedis());
    for (const replica of servers.slice(1)) await follow(replica, primary);
    for (let count = 0; count < 3; count++) sentinels.push(await startSentinel(name, primary.port));
    const ports = sentinels.map(({ place }) => place.port);
    await waitUntil("every sentinel knows the others", () => every(ports, (port) => isInformed(port, name)));
    return assemble({ name, servers, sentinels, ports, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Parts extends Pick<RedisSentinels, "name" | "servers" | "stop"> {
  readonly sentinels: readonly ServerProcess[];
  readonly ports: readonly number[];
}

function assemble({ name, servers, sentinels, ports, stop }: Parts): RedisSentinels {
  const primary = async (): Promise<RedisServer | undefined> => {
    const named = await Promise.all(ports.map((port) => primaryPort(port, name)));
    const agreed = servers.find(({ port }) => named.filter((each) => each === port).length >= QUORUM);
    return agreed !== undefined && (await takesWrites(agreed)) ? agreed : undefined;
  };
  return {
    ...{ name, servers, sentinels, primary, stop },
    addresses: ports.map((port) => `127.0.0.1:${port}`),
    async failedOver(old) {
      let found: RedisServer | undefined;
      await waitUntil("another primary", async () => (found = await primary()) !== undefined && found !== old, 20_000);
      return found ?? old;
    },
    async rejoin(server, to) {
      await server.restart();
      await follow(server, to);
    },
  };
}

function startSentinel(name: string, primaryPort: number): Promise<ServerProcess> {
  const file = (place: ServerPlace): string => join(place.folder, "sentinel.conf");
  return ServerProcess.start(
    {
      command: "redis-server",
      args: (place) => [file(place), "--sentinel"],
      answers: async ({ port }, pid) =>
        (await redisCli(port, ["info", "server"]).catch(() => "")).includes(`process_id:${pid}\r`),
    },
    (place) =>
      writeFile(
        file(place),
        [
          `port ${place.port}`,
          "bind 127.0.0.1",
          `sentinel monitor ${name} 127.0.0.1 ${primaryPort} ${QUORUM}`,
          `sentinel down-after-milliseconds ${name} 700`,
          `sentinel failover-timeout ${name} 3000`,
          `sentinel parallel-syncs ${name} 2`,
          "",
        ].join("\n"),
      ),
  );
}

async function isInformed(port: number, name: string): Promise<boolean> {
  const info = await redisCli(port, ["info", "sentinel"]);
  return info.includes(`name=${name},status=ok`) && info.includes("slaves=2,sentinels=3");
}

/** The port that a sentinel names; 0 where it does not answer in time. */
async function primaryPort(port: number, name: string): Promise<number> {
  const answer = await redisCli(port, ["sentinel", "get-master-addr-by-name", name], IN_TIME).catch(() => "");
  return Number(answer.split("\n")[1] ?? 0);
}

async function takesWrites(server: RedisServer): Promise<boolean> {
  return (await redisCli(server.port, ["info", "replication"], IN_TIME).catch(() => "")).includes("role:master");
}

async function follow(replica: RedisServer, primary: RedisServer): Promise<void> {
  await replica.cli("replicaof", "127.0.0.1", String(primary.port));
  await waitUntil(`port ${replica.port} follows ${primary.port}`, async () =>
    (await primary.cli("info", "replication")).includes(`port=${replica.port},state=online`),
  );
}

async function every<Item>(items: readonly Item[], holds: (item: Item) => Promise<boolean>): Promise<boolean> {
  return (await Promise.all(items.map(holds))).every(Boolean);
}
