import { bracketHost, parseHostPort } from "../host-port.ts";
import { invalidArgument } from "./invalid-argument.ts";

/** A service's endpoint, taken apart. */
export interface Endpoint {
  /** As given. Its text is the service's identity: two spellings of one URL are two endpoints. */
  readonly url: string;
  /** In lower case, without the colon. */
  readonly scheme: string;
  /**
   * Host, with the port if one is given, be it the scheme's own. An ASCII name stands as given; an international one in
   * punycode and an IPv6 address shortened and in brackets, as the URL standard has them.
   */
  readonly host: string;
  /** Percent-decoded; empty or beginning with a slash. */
  readonly path: string;
  /** First value of each query parameter, in the order of the query. */
  readonly params: ReadonlyMap<string, string>;
}

const MAX_BYTES = 2048;
/** RFC 3986, appendix B, for a URL that has a scheme and an authority. */
const ABSOLUTE = /^([a-zA-Z][a-zA-Z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?$/;
/** White space, control characters, and the backslash, which browsers read as a slash and Go does not. */
const FORBIDDEN = /[\s\p{Cc}\\]/u;
const ASCII = /^[\x21-\x7e]+$/;
const encoder = new TextEncoder();

/**
 * Takes an endpoint apart: an absolute URL of any scheme, with a host, without credentials, of at most 2,048 bytes.
 * Throws `invalid_argument` that says what is wrong with it, and never shows a password.
 */
export function parseEndpoint(url: string): Endpoint {
  const length = url.length > MAX_BYTES ? url.length : encoder.encode(url).length;
  if (length > MAX_BYTES) throw fault(url, `at most ${MAX_BYTES} bytes`);
  if (!url.isWellFormed()) throw fault(url, "valid Unicode");
  const forbidden = FORBIDDEN.exec(url)?.[0];
  if (forbidden !== undefined) {
    const code = `U+${(forbidden.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
    throw fault(url, `no white space, control character or backslash, found ${code}`);
  }
  const [, scheme, authority, path, query] = ABSOLUTE.exec(url) ?? [];
  if (scheme === undefined || authority === undefined || path === undefined) {
    throw fault(url, "an absolute URL such as http://host:9100/metrics");
  }
  if (authority.includes("@")) throw fault(url, "no credentials in it");
  if (/^(?::[0-9]*)?$/.test(authority)) throw fault(url, `a host after "${scheme}://"`);
  return {
    url,
    scheme: scheme.toLowerCase(),
    host: readHost(url, authority),
    path: decodePath(url, path),
    params: firstValues(query ?? ""),
  };
}

function readHost(url: string, authority: string): string {
  // A colon with nothing behind it is no port, says RFC 3986.
  const given = authority.endsWith(":") ? authority.slice(0, -1) : authority;
  const expected = "a host name, IPv4 address or IPv6 address in brackets, and a port of 1 to 65535 if any";
  const isUrlHost = URL.canParse(`http://${given}/`);
  const parsed = isUrlHost ? parseHostPort(given) : undefined;
  if (parsed === undefined) throw fault(url, `${expected}, got host "${given}"`);
  const { host, port } = parsed;
  const shown = ASCII.test(host) && !host.includes(":") ? host : new URL(`http://${bracketHost(host)}/`).hostname;
  return port === undefined ? shown : `${shown}:${port}`;
}

function decodePath(url: string, path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw fault(url, `a path with percent-encoded UTF-8, got path "${path}"`);
  }
}

function firstValues(query: string): Map<string, string> {
  const params = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    if (!params.has(name)) params.set(name, value);
  }
  return params;
}

function fault(url: string, expected: string): Error {
  return invalidArgument("endpoint", url.replace(/\/\/[^/?#]*@/, "//***@"), expected);
}
