import * as v from "valibot";
import { option } from "./option.ts";
import { boolean, path, text } from "./value-types.ts";

/** How to speak TLS with Redis, its sentinels and cluster nodes. */
export const redisTlsOptions = {
  tls: option({
    flag: "redis-tls",
    schema: v.pipe(boolean, v.description("Speaks TLS. A `rediss://` URL and --redis-tls-ca turn it on, too.")),
    default: "false",
    variables: ["REDIS_TLS"],
  }),
  tlsCa: option({
    flag: "redis-tls-ca",
    schema: v.pipe(
      path,
      v.description("PEM file of the authorities that may sign the server's certificate, instead of the usual ones."),
    ),
    variables: ["REDIS_TLS_CA"],
  }),
  tlsCert: option({
    flag: "redis-tls-cert",
    schema: v.pipe(path, v.description("PEM file of the client's certificate, where the server asks for one.")),
    variables: ["REDIS_TLS_CERT"],
  }),
  tlsKey: option({
    flag: "redis-tls-key",
    schema: v.pipe(path, v.description("PEM file of the client certificate's key.")),
    variables: ["REDIS_TLS_KEY"],
  }),
  tlsServerName: option({
    flag: "redis-tls-server-name",
    schema: v.pipe(
      text("NAME", "a host name"),
      v.description("Name that the server's certificate must carry. Without it, the host."),
    ),
    variables: ["REDIS_TLS_SERVER_NAME"],
  }),
};
