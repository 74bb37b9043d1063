import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { DiscoveryError, toError } from "@org/discovery-core";
import { Redis, type RedisOptions as AllClientOptions } from "ioredis";
import { ClusterLookup } from "./cluster-lookup.ts";
import { endpointName, rotated, type Endpoint } from "./endpoint.ts";
import { keysOf } from "./keys.ts";
import type { RedisOptions } from "./options.ts";

type ClientOptions = Omit<AllClientOptions, "replyMapping">;

/** The two connections that a driver uses at a time, neither of them connected yet. */
export interface Connection {
  /** Takes messages. */
  readonly subscriber: Redis;
  readonly commands: Redis;
}

/** Opens connections as the options say. */
export interface Connector {
  /** What people call the server. Without credentials. */
  readonly address: string;
  /** Milliseconds after which an attempt is hopeless: another server may have taken over meanwhile. */
  readonly patienceMs: number;
  /**
   * Resolves when it is known where to connect to. Rejects where nobody knows, or when the signal aborts.
   *
   * @param attempt counts up, so that each attempt begins with another of several servers.
   */
  open(attempt: number, signal: AbortSignal): Promise<Connection>;
}

/**
 * Reads the certificates and returns what connects.
 * Throws `invalid_argument`, with a line for each file that cannot be read.
 */
export function createConnector(options: RedisOptions): Connector {
  const common = commonOptions(options);
  const { sentinels, cluster, linkTimeoutMs } = options;
  const pair = (server: ClientOptions): Connection => ({
    subscriber: new Redis({ ...common, ...server }),
    commands: new Redis({ ...common, ...server }),
  });
  if (cluster.length > 0) {
    const client = (node: Endpoint): Redis => new Redis({ ...common, ...node });
    const lookup = new ClusterLookup({ nodes: cluster, key: keysOf(options.prefix).meta, client });
    return {
      address: listed(cluster),
      patienceMs: linkTimeoutMs / 2,
      open: async (attempt, signal) => pair({ ...(await lookup.find(attempt, signal)) }),
    };
  }
  if (sentinels.length > 0) {
    return {
      address: `${options.sentinelName ?? ""} at sentinels ${listed(sentinels)}`,
      patienceMs: linkTimeoutMs / 2,
      open: async (attempt) => pair(sentinelOptions(options, common.tls, attempt)),
    };
  }
  const { url } = options;
  const server = { host: url?.host ?? options.host, port: url?.port ?? (url ? 6379 : options.port) };
  return {
    address: listed([server]),
    patienceMs: linkTimeoutMs,
    open: async () => pair({ ...server, db: url?.db ?? options.db }),
  };
}

/** One life, no resurrection: whoever opened a connection decides when to open the next, and what was not answered is not sent again. */
function commonOptions(options: RedisOptions): ClientOptions {
  const tls = tlsOptions(options);
  const username = options.url?.username ?? options.username;
  const password = options.url?.password ?? options.password;
  return {
    lazyConnect: true,
    retryStrategy: null,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: null,
    // The session asks for itself, and hears the server's own words while that loads its data.
    enableReadyCheck: false,
    connectTimeout: options.linkTimeoutMs,
    disconnectTimeout: 100,
    disableClientInfo: true,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls }),
  };
}

function sentinelOptions(options: RedisOptions, tls: ConnectionOptions | undefined, attempt: number): ClientOptions {
  const { sentinelName, sentinelUsername, sentinelPassword, sentinels, url } = options;
  return {
    sentinels: rotated(sentinels, attempt),
    name: sentinelName,
    role: "master",
    db: url?.db ?? options.db,
    sentinelRetryStrategy: () => null,
    // Makes sure that what the sentinels named is the primary still.
    enableReadyCheck: true,
    maxLoadingRetryTime: 100,
    // One that is silent must leave time to ask the next.
    connectTimeout: options.linkTimeoutMs / 4,
    sentinelCommandTimeout: options.linkTimeoutMs / 4,
    ...(sentinelUsername === undefined ? {} : { sentinelUsername }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    ...(tls === undefined ? {} : { sentinelTLS: tls, enableTLSForSentinelMode: true }),
  };
}

function tlsOptions(options: RedisOptions): ConnectionOptions | undefined {
  const { tls, tlsCa, tlsCert, tlsKey, tlsServerName, url } = options;
  if (!tls && url?.tls !== true && tlsCa === undefined) return undefined;
  return {
    ...readPems({ ca: ["tlsCa", tlsCa], cert: ["tlsCert", tlsCert], key: ["tlsKey", tlsKey] }),
    ...(tlsServerName === undefined ? {} : { servername: tlsServerName }),
  };
}

/** What the files hold, of the options that name one. Throws with a line for each that cannot be read. */
function readPems<Name extends string>(
  files: Readonly<Record<Name, readonly [option: string, file: string | undefined]>>,
): Partial<Record<Name, string>> {
  const texts: Partial<Record<Name, string>> = {};
  const problems: string[] = [];
  for (const name of Object.keys(files) as Name[]) {
    const [option, file] = files[name];
    if (file === undefined) continue;
    try {
      texts[name] = readFileSync(file, "utf8");
    } catch (error) {
      // What Node says after the comma is the name of the file again.
      const [reason = ""] = toError(error).message.split(", ");
      problems.push(`${option}: expected a PEM file, got ${JSON.stringify(file)}: ${reason}`);
    }
  }
  if (problems.length > 0) throw new DiscoveryError("invalid_argument", problems.join("\n"));
  return texts;
}

function listed(servers: readonly Endpoint[]): string {
  return servers.map(endpointName).join(", ");
}
