import * as v from "valibot";

const DEFAULT_PORT = 4222;

/** One server, as its URL names it. */
export interface NatsEndpoint {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** The name that its certificate must carry, where that is not the host. */
  readonly tlsName?: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** A URL of a server, checked. The error does not repeat it: it may hold a password. */
export const natsUrl = v.pipe(
  v.string(),
  v.check((url) => parse(url) !== undefined, "expected nats://[user[:password]@]host[:port], or the same with tls://"),
);

/** What the URL says. Throws a `TypeError` for one that `natsUrl` refuses. */
export function natsEndpoint(url: string): NatsEndpoint {
  const endpoint = parse(url);
  if (endpoint === undefined) throw new TypeError("not the URL of a NATS server");
  return endpoint;
}

/** `host:port`, without credentials: fit for logs and messages. */
export function endpointName({ host, port }: NatsEndpoint): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function parse(text: string): NatsEndpoint | undefined {
  // "host:4222" would be read as scheme and path.
  const url = URL.parse(text.includes("://") ? text : `nats://${text}`);
  if (url === null || !["nats:", "tls:"].includes(url.protocol)) return undefined;
  const isBare = ["", "/"].includes(url.pathname) && url.search === "" && url.hash === "";
  if (url.hostname === "" || !isBare) return undefined;
  return {
    host: url.hostname.replaceAll(/^\[|\]$/g, ""),
    port: url.port === "" ? DEFAULT_PORT : Number(url.port),
    tls: url.protocol === "tls:",
    username: decoded(url.username),
    password: decoded(url.password),
  };
}

function decoded(part: string): string | undefined {
  if (part === "") return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
