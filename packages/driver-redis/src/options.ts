import * as v from "valibot";
import { endpointSchema } from "./endpoint.ts";
import { redisUrl } from "./redis-url.ts";

const text = (description: string) => v.optional(v.pipe(v.string(), v.nonEmpty(), v.description(description)));

const whole = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));

const fields = v.strictObject({
  url: v.optional(
    v.pipe(
      redisUrl,
      v.description(
        "redis://[[user]:password@]host[:port][/db], or rediss:// for TLS. What it says goes before host, port, username, password and db.",
      ),
    ),
  ),
  host: v.optional(v.pipe(v.string(), v.nonEmpty(), v.description("Host of the Redis server.")), "127.0.0.1"),
  port: v.optional(v.pipe(whole(1, 65_535), v.description("Port of the Redis server.")), 6379),
  username: text("ACL user. Without it, the default user."),
  password: text("Password of the user."),
  db: v.optional(
    v.pipe(
      whole(0),
      v.description(
        "Database that holds the registry; a cluster has only 0. Messages reach all databases of a server.",
      ),
    ),
    0,
  ),
  tls: v.optional(
    v.pipe(v.boolean(), v.description("Speak TLS, to sentinels and cluster nodes too. rediss:// and tlsCa imply it.")),
    false,
  ),
  tlsCa: text("PEM file of the authorities that may sign the server's certificate. Default: those that Node trusts."),
  tlsCert: text("PEM file of the client's certificate, where the server asks for one. Needs tlsKey."),
  tlsKey: text("PEM file of the client certificate's key."),
  tlsServerName: text("Name that the server's certificate must carry. Default: the host."),
  sentinels: v.optional(
    v.pipe(
      v.array(endpointSchema(26_379)),
      v.description(
        "Sentinels, host:port, to ask for the primary instead of taking host and port. Needs sentinelName.",
      ),
    ),
    [],
  ),
  sentinelName: text("Name under which the sentinels know the primary."),
  sentinelUsername: text("ACL user at the sentinels."),
  sentinelPassword: text("Password at the sentinels, which is not that of the server."),
  cluster: v.optional(
    v.pipe(
      v.array(endpointSchema(6379)),
      v.description("Nodes of a Redis Cluster, host:port, to start from instead of host and port."),
    ),
    [],
  ),
  prefix: v.optional(
    v.pipe(
      v.string(),
      v.regex(
        /^[^{}\s\p{Cc}]{1,200}$/u,
        "expected 1 to 200 characters without braces, white space and control characters",
      ),
      v.description("Keys are named {prefix}:…. Daemons with another prefix have another registry."),
    ),
    "discovery",
  ),
  waitReplicas: v.optional(
    v.pipe(
      whole(0),
      v.description(
        "Replicas that must have a write before it is answered. Higher survives the loss of more servers, and refuses writes when fewer are up.",
      ),
    ),
    0,
  ),
  waitTimeoutMs: v.optional(
    v.pipe(
      whole(1),
      v.description("Milliseconds to wait for them; the write's outcome is unknown after that. Below linkTimeoutMs."),
    ),
    1000,
  ),
  historyLimit: v.optional(
    v.pipe(
      whole(1),
      v.description(
        "Changes that Redis keeps. Higher costs memory; a daemon that was away for more of them reads everything anew.",
      ),
    ),
    10_000,
  ),
  linkTimeoutMs: v.optional(
    v.pipe(
      whole(100),
      v.description(
        "Milliseconds without an answer after which the connection counts as lost. Lower notices a frozen server sooner and mistakes a slow one for it.",
      ),
    ),
    2000,
  ),
  pingIntervalMs: v.optional(
    v.pipe(whole(50), v.description("Milliseconds between two questions whether the server still answers.")),
    500,
  ),
});

/** The options of the Redis driver. */
export const redisOptions = v.pipe(
  fields,
  v.check(
    (it) => it.sentinels.length === 0 || it.cluster.length === 0,
    "sentinels: expected nothing, because of `cluster`",
  ),
  v.check(
    (it) => it.sentinels.length === 0 || it.sentinelName !== undefined,
    "sentinelName: expected the name of a primary, because of `sentinels`",
  ),
  v.check((it) => it.cluster.length === 0 || (it.url?.db ?? it.db) === 0, "db: expected 0, because of `cluster`"),
  v.check((it) => it.tlsCert === undefined || it.tlsKey !== undefined, "tlsKey: expected the key of `tlsCert`"),
  v.check((it) => it.tlsKey === undefined || it.tlsCert !== undefined, "tlsCert: expected the certificate of `tlsKey`"),
  // WAIT holds up its connection: the pings on it must not be taken for lost meanwhile.
  v.check(
    (it) => it.waitReplicas === 0 || it.waitTimeoutMs < it.linkTimeoutMs,
    "waitTimeoutMs: expected less than `linkTimeoutMs`",
  ),
);

export type RedisOptions = v.InferOutput<typeof redisOptions>;
