import * as v from "valibot";

import { option } from "./option.ts";
import { remoteAddress } from "./remote-address.ts";
import { redisTlsOptions } from "./redis-tls-options.ts";
import { serverUrl } from "./server-url.ts";
import { integer, listOf, port, text, textValue } from "./value-types.ts";

const url = serverUrl({ example: "redis://host:6379", schemes: ["redis:", "rediss:"], path: /^\/?\d{0,9}$/ });
const number = (expected: string) => integer({ placeholder: "NUMBER", expected, min: 0, max: 0xffff_ffff });
const prefix = textValue(
  { placeholder: "PREFIX", expected: "1 to 200 characters without braces and white space" },
  (given) => (/^[^{}\s\p{Cc}]{1,200}$/u.test(given) ? given : undefined),
);

/** How to reach Redis, by the names of the driver's own options. What the URL doesn't say, the others do. */
export const redisOptions = {
  url: option({
    flag: "redis-url",
    schema: v.pipe(
      url,
      v.description("URL of the Redis server, `rediss://` for TLS. What it says goes before the options below."),
    ),
    variables: ["REDIS_URL"],
    secret: "url",
  }),
  host: option({
    flag: "redis-host",
    schema: v.pipe(text("HOST", "a host name or IP address"), v.description("Host of the Redis server.")),
    default: "127.0.0.1",
    variables: ["REDIS_HOST"],
  }),
  port: option({
    flag: "redis-port",
    schema: v.pipe(port, v.description("Port of the Redis server.")),
    default: "6379",
    variables: ["REDIS_PORT"],
  }),
  db: option({
    flag: "redis-db",
    schema: v.pipe(
      number("the number of a database"),
      v.description("Database that holds the registry. Announcements reach all databases of a server alike."),
    ),
    default: "0",
    variables: ["REDIS_DB"],
  }),
  channel: option({
    flag: "redis-channel",
    schema: v.pipe(text("CHANNEL", "the name of a channel"), v.description("Channel of the announcements.")),
    default: "lobby:discovery",
    variables: ["REDIS_CHANNEL"],
  }),
  username: option({
    flag: "redis-username",
    schema: v.pipe(text("USER", "a user name"), v.description("ACL user. Without it, Redis takes the default user.")),
    variables: ["REDIS_USERNAME"],
  }),
  password: option({
    flag: "redis-password",
    schema: v.pipe(
      text("PASSWORD", "a password that is not empty"),
      v.description("Password of the user, or of the server."),
    ),
    variables: ["REDIS_PASSWORD"],
    secret: "whole",
  }),
  sentinels: option({
    flag: "redis-sentinels",
    schema: v.pipe(
      listOf("HOST:PORT,…", remoteAddress(26_379)),
      v.description("Sentinels to ask for the master, instead of a fixed host; port 26379 where none is given."),
    ),
    default: "",
    variables: ["REDIS_SENTINELS"],
  }),
  sentinelName: option({
    flag: "redis-sentinel-name",
    schema: v.pipe(
      text("NAME", "the name of a master"),
      v.description("Name under which the sentinels know the master."),
    ),
    variables: ["REDIS_SENTINEL_NAME"],
  }),
  cluster: option({
    flag: "redis-cluster",
    schema: v.pipe(
      listOf("HOST:PORT,…", remoteAddress(6379)),
      v.description("Nodes of a Redis Cluster to start from, instead of a fixed host; port 6379 where none is given."),
    ),
    default: "",
    variables: ["REDIS_CLUSTER"],
  }),
  sentinelUsername: option({
    flag: "redis-sentinel-username",
    schema: v.pipe(text("USER", "a user name"), v.description("ACL user at the sentinels.")),
    variables: ["REDIS_SENTINEL_USERNAME"],
  }),
  sentinelPassword: option({
    flag: "redis-sentinel-password",
    schema: v.pipe(
      text("PASSWORD", "a password that is not empty"),
      v.description("Password at the sentinels, which is not that of the server."),
    ),
    variables: ["REDIS_SENTINEL_PASSWORD"],
    secret: "whole",
  }),
  prefix: option({
    flag: "redis-prefix",
    schema: v.pipe(
      prefix,
      v.description("What the names of all keys begin with. Daemons with another prefix have another registry."),
    ),
    default: "discovery",
    variables: ["REDIS_PREFIX"],
  }),
  ...redisTlsOptions,
  waitReplicas: option({
    flag: "redis-wait-replicas",
    schema: v.pipe(
      number("a number of replicas"),
      v.description(
        "How many Redis replicas must have a write before it is answered. More survive the loss of a master; each must be up.",
      ),
    ),
    default: "0",
    variables: ["REDIS_WAIT_REPLICAS"],
  }),
};
