import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { redisCli, startRedis, type RedisServer } from "./redis-server.ts";
import { ServerProcess, type ServerPlace } from "./server-process.ts";
import { waitUntil } from "./wait-until.ts";

const QUORUM = 2;
/** For servers that may be frozen. */
const IN_TIME = { timeoutMs: 2000 };
/** Longer than a machine that is busy lets a process wait: who is only slow is not to be failed over. */
const DOWN_AFTER_MS = 3000;
/**
 * How long a sentinel that stood still itself for two seconds trusts its own eyes no more, and how often it looks who follows
 * whom. Patience of another kind of machine is the default: 30 s and 10 s.
 */
const PERIODS = ["tilt-period", "3000", "info-period", "1000"];
/** A failover that failed, because a sentinel was slow to vote for example, is tried again only after some seconds. */
const FAILOVER_WITHIN_MS = 60_000;

/** A primary, two replicas, and three sentinels that watch them and fail over within seconds. */
export interface RedisSentinels {
  /** Under which the sentinels know the primary. */
  readonly name: string;
  /** Addresses of the sentinels, `127.0.0.1:<port>`. */
  readonly addresses: readonly string[];
  /** The servers; the first began as the primary. */
  readonly servers: readonly RedisServer[];
  /** Resolves with the server that most sentinels name as the primary, once they agree and it takes writes. */
  primary(): Promise<RedisServer>;
  /** As `primary`, once it is another than `old`. */
  failedOver(old: RedisServer): Promise<RedisServer>;
  /** Runs a server that was killed again, as a replica of `primary`; resolves when any of the replicas could take over. */
  rejoin(server: RedisServer, primary: RedisServer): Promise<void>;
  /** Freezes or thaws a sentinel. */
  readonly sentinels: readonly Pick<ServerProcess, "freeze" | "thaw" | "kill">[];
  stop(): Promise<void>;
}

/** Starts the six processes; resolves when every sentinel knows every other process, and that it is well. */
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
    await informed(ports, name);
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
  const named = async (): Promise<RedisServer | undefined> => {
    const answers = await Promise.all(ports.map((port) => primaryPort(port, name)));
    const agreed = servers.find(({ port }) => answers.filter((each) => each === port).length >= QUORUM);
    return agreed !== undefined && (await takesWrites(agreed)) ? agreed : undefined;
  };
  const primary = async (old?: RedisServer): Promise<RedisServer> => {
    let found: RedisServer | undefined;
    const isThere = async (): Promise<boolean> => (found = await named()) !== undefined && found !== old;
    await waitUntil(old === undefined ? "a primary" : "another primary", isThere, FAILOVER_WITHIN_MS);
    return found as RedisServer;
  };
  return {
    ...{ name, servers, sentinels, stop },
    addresses: ports.map((port) => `127.0.0.1:${port}`),
    primary: () => primary(),
    failedOver: (old) => primary(old),
    async rejoin(server, to) {
      await server.restart();
      await follow(server, to);
      await informed(ports, name);
    },
  };
}

async function startSentinel(name: string, primaryPort: number): Promise<ServerProcess> {
  const file = (place: ServerPlace): string => join(place.folder, "sentinel.conf");
  const sentinel = await ServerProcess.start(
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
          `sentinel down-after-milliseconds ${name} ${DOWN_AFTER_MS}`,
          `sentinel failover-timeout ${name} 3000`,
          `sentinel parallel-syncs ${name} 2`,
          "",
        ].join("\n"),
      ),
  );
  await redisCli(sentinel.place.port, ["sentinel", "debug", ...PERIODS]);
  return sentinel;
}

/** Resolves when every sentinel sees all the others, and two replicas of which it would promote either. */
function informed(ports: readonly number[], name: string): Promise<void> {
  return waitUntil("every sentinel knows the others", () => every(ports, (port) => isInformed(port, name)), 60_000);
}

async function isInformed(port: number, name: string): Promise<boolean> {
  const info = await redisCli(port, ["info", "sentinel"]);
  if (!info.includes(`name=${name},status=ok`) || !info.includes("slaves=2,sentinels=3")) return false;
  const replicas = await redisCli(port, ["sentinel", "replicas", name]);
  return ["flags\nslave\n", "master-link-status\nok\n"].every((state) => replicas.split(state).length === 3);
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
