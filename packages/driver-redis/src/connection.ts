import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { DiscoveryError, toError } from "@org/discovery-core";
import { Cluster, Redis, type RedisOptions as AllClientOptions } from "ioredis";
import { rotated, type Endpoint } from "./endpoint.ts";
import type { RedisOptions } from "./options.ts";

type ClientOptions = Omit<AllClientOptions, "replyMapping">;

/** The two connections that a driver uses at a time, neither of them connected yet. */
export interface Connection {
  /** Takes messages; in a cluster, those of the whole cluster from one of its nodes. */
  readonly subscriber: Redis;
  readonly commands: Redis | Cluster;
}

/** Opens connections as the options say. */
export interface Connector {
  /** What people call the server. Without credentials. */
  readonly address: string;
  /** @param attempt counts up, so that each attempt begins with another of several servers. */
  open(attempt: number): Connection;
}

/**
 * Reads the certificates and returns what connects.
 * Throws `invalid_argument` for a file that cannot be read.
 */
export function createConnector(options: RedisOptions): Connector {
  const common = commonOptions(options);
  const { sentinels, cluster } = options;
  if (cluster.length > 0) {
    return { address: listed(cluster), open: (attempt) => openCluster(rotated(cluster, attempt), common) };
  }
  const open = (server: ClientOptions): Connection => ({
    subscriber: new Redis({ ...common, ...server }),
    commands: new Redis({ ...common, ...server }),
  });
  if (sentinels.length > 0) {
    const address = `${options.sentinelName ?? ""} at sentinels ${listed(sentinels)}`;
    return { address, open: (attempt) => open(sentinelOptions(options, common.tls, attempt)) };
  }
  const server = {
    host: options.url?.host ?? options.host,
    port: options.url?.port ?? (options.url ? 6379 : options.port),
  };
  return { address: listed([server]), open: () => open({ ...server, db: options.url?.db ?? options.db }) };
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
  const { sentinelName, sentinelUsername, sentinelPassword, db, sentinels } = options;
  return {
    sentinels: rotated(sentinels, attempt),
    name: sentinelName,
    role: "master",
    db,
    sentinelRetryStrategy: () => null,
    // Makes sure that what the sentinels named is the primary still.
    enableReadyCheck: true,
    maxLoadingRetryTime: 100,
    sentinelCommandTimeout: options.linkTimeoutMs,
    ...(sentinelUsername === undefined ? {} : { sentinelUsername }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    ...(tls === undefined ? {} : { sentinelTLS: tls, enableTLSForSentinelMode: true }),
  };
}

function openCluster(nodes: readonly Endpoint[], common: ClientOptions): Connection {
  const { lazyConnect, retryStrategy: _, enableOfflineQueue, ...redisOptions } = common;
  return {
    subscriber: new Redis({ ...common, ...nodes[0] }),
    commands: new Cluster([...nodes], {
      lazyConnect: lazyConnect ?? true,
      enableOfflineQueue: enableOfflineQueue ?? false,
      clusterRetryStrategy: () => null,
      // Otherwise a command whose answer was lost would be sent a second time.
      retryDelayOnFailover: 0,
      redisOptions,
    }),
  };
}

function tlsOptions(options: RedisOptions): ConnectionOptions | undefined {
  const { tls, tlsCa, tlsCert, tlsKey, tlsServerName, url } = options;
  if (!tls && url?.tls !== true && tlsCa === undefined) return undefined;
  return {
    ...(tlsCa === undefined ? {} : { ca: readPem("tlsCa", tlsCa) }),
    ...(tlsCert === undefined ? {} : { cert: readPem("tlsCert", tlsCert) }),
    ...(tlsKey === undefined ? {} : { key: readPem("tlsKey", tlsKey) }),
    ...(tlsServerName === undefined ? {} : { servername: tlsServerName }),
  };
}

function readPem(option: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { message } = toError(error);
    throw new DiscoveryError("invalid_argument", `${option}: expected a PEM file, got ${file}: ${message}`);
  }
}

function listed(servers: readonly Endpoint[]): string {
  return servers.map(({ host, port }) => (host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`)).join(", ");
}
