import * as v from "valibot";

/** What a Redis URL says; what it leaves out is absent. */
export interface RedisUrl {
  readonly tls: boolean;
  readonly host: string;
  readonly port?: number;
  readonly username?: string;
  readonly password?: string;
  readonly db?: number;
}

/** Reads `redis://` and `rediss://` URLs as IANA registers them; `undefined` where it is none. */
export function parseRedisUrl(text: string): RedisUrl | undefined {
  const url = URL.parse(text);
  if (url === null || !["redis:", "rediss:"].includes(url.protocol)) return undefined;
  if (url.hostname === "" || url.port === "0" || url.search !== "" || url.hash !== "") return undefined;
  const path = /^\/?(\d{1,9})?$/.exec(url.pathname);
  const credentials = credentialsOf(url);
  if (path === null || credentials === undefined) return undefined;
  return {
    tls: url.protocol === "rediss:",
    // Sockets take an IPv6 address without the brackets that a URL needs.
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    ...(url.port === "" ? {} : { port: Number(url.port) }),
    ...credentials,
    ...(path[1] === undefined ? {} : { db: Number(path[1]) }),
  };
}

function credentialsOf(url: URL): Pick<RedisUrl, "username" | "password"> | undefined {
  try {
    const username = decodeURIComponent(url.username);
    const password = decodeURIComponent(url.password);
    return { ...(username === "" ? {} : { username }), ...(password === "" ? {} : { password }) };
  } catch {
    return undefined;
  }
}

/** A Redis URL. The message never repeats it: there may be a password in it. */
export const redisUrl = v.pipe(
  v.string(),
  v.rawTransform<string, RedisUrl>(({ dataset, addIssue, NEVER }) => {
    const url = parseRedisUrl(dataset.value);
    if (url !== undefined) return url;
    addIssue({ message: "expected redis://[[user]:password@]host[:port][/db] or rediss://…" });
    return NEVER;
  }),
);
