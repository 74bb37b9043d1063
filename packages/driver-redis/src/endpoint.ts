import * as v from "valibot";

/** One server's address. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Reads `host`, `host:port`, `10.0.0.1:6379` or `[::1]:6379`; `undefined` where it is none of them. */
export function parseEndpoint(text: string, defaultPort: number): Endpoint | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/[\]@]+))(?::(\d{1,5}))?$/.exec(text.trim());
  if (match === null) return undefined;
  const port = match[3] === undefined ? defaultPort : Number(match[3]);
  if (port < 1 || port > 65_535) return undefined;
  return { host: match[1] ?? match[2] ?? "", port };
}

/** `host:port`, with brackets around an IPv6 address. */
export function endpointName({ host, port }: Endpoint): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** An endpoint as text or as an object. */
export function endpointSchema(defaultPort: number) {
  const fromText = v.pipe(
    v.string(),
    v.rawTransform<string, Endpoint>(({ dataset, addIssue, NEVER }) => {
      const endpoint = parseEndpoint(dataset.value, defaultPort);
      if (endpoint !== undefined) return endpoint;
      addIssue({ message: `expected host:port, got ${JSON.stringify(dataset.value)}` });
      return NEVER;
    }),
  );
  return v.union([fromText, v.object({ host: v.string(), port: v.number() })], "expected host:port");
}

/** The same list, begun with another member each time, so that a dead first one does not hold up every attempt. */
export function rotated<Item>(list: readonly Item[], by: number): Item[] {
  const start = list.length === 0 ? 0 : by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}
