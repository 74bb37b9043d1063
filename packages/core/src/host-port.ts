/** Letters and digits of any script: Go's HTTP client, and so Prometheus, turns international names into punycode. */
const HOSTNAME = /^[\p{L}\p{M}\p{N}._-]+$/u;
const IPV6_CHARACTERS = /^[0-9a-fA-F:.]+$/;
const PORT = /^[0-9]{1,5}$/;
const MAX_PORT = 65_535;

/** A host with or without the port it carries. */
export interface HostPort {
  /** Never in brackets. */
  readonly host: string;
  readonly port: number | undefined;
}

/** A TCP port, 1 to 65535, in decimal digits; `undefined` for anything else. */
export function parsePort(text: string): number | undefined {
  const port = PORT.test(text) ? Number(text) : 0;
  return isPort(port) ? port : undefined;
}

/** Whether a number is a TCP port that can be connected to: an integer, 1 to 65535. */
export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= MAX_PORT;
}

/**
 * Reads `name`, `name:port`, `1.2.3.4`, `2a03::1`, `[2a03::1]` or `[2a03::1]:port`; `undefined` for anything that no
 * Prometheus could scrape (white space, a path, a bad port). More than one colon outside brackets is an IPv6 address and no port.
 */
export function parseHostPort(text: string): HostPort | undefined {
  if (isIpv6(text)) return { host: text, port: undefined };
  const bracketed = text.startsWith("[");
  const end = bracketed ? text.indexOf("]") + 1 : text.indexOf(":");
  const name = end < 0 ? text : text.slice(0, end);
  const rest = text.slice(name.length);
  const host = bracketed ? name.slice(1, -1) : name;
  if (bracketed ? !isIpv6(host) : !HOSTNAME.test(host)) return undefined;
  if (rest === "") return { host, port: undefined };
  const port = rest.startsWith(":") ? parsePort(rest.slice(1)) : undefined;
  return port === undefined ? undefined : { host, port };
}

/** An IPv6 address in brackets, as it must stand before a port and in a URL; any other host as it is. */
export function bracketHost(host: string): string {
  return isIpv6(host) ? `[${host}]` : host;
}

/**
 * The target for a host: its own port if it carries one, else `port`, else none; IPv6 in brackets.
 * `undefined` where `parseHostPort` cannot read the host. The port is not checked.
 */
export function hostPort(host: string, port: number | undefined): string | undefined {
  const parsed = parseHostPort(host);
  if (parsed === undefined) return undefined;
  const shown = parsed.port ?? port;
  return shown === undefined ? bracketHost(parsed.host) : `${bracketHost(parsed.host)}:${shown}`;
}

function isIpv6(text: string): boolean {
  return text.includes(":") && IPV6_CHARACTERS.test(text) && URL.canParse(`http://[${text}]/`);
}
