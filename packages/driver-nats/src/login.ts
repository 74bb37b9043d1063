import { DiscoveryError } from "@org/discovery-core";
import {
  credsAuthenticator,
  nkeyAuthenticator,
  type Authenticator,
  type ConnectionOptions,
  type TlsOptions,
} from "nats";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import type { NatsEndpoint } from "./nats-url.ts";
import type { NatsOptions } from "./options.ts";

const encoder = new TextEncoder();

/**
 * What the client library needs to log in at one server. Files are read anew each time, so that rotated credentials are
 * taken up at the next connection. Fails with `unauthenticated` where a file can't be read.
 */
export async function login(
  options: NatsOptions,
  endpoint: NatsEndpoint,
  offersTls: boolean,
): Promise<ConnectionOptions> {
  const secure =
    offersTls || options.tls || endpoint.tls || options.tlsCa !== undefined || options.tlsCert !== undefined;
  return { ...(await identity(options, endpoint)), ...(secure ? { tls: tls(options, endpoint) } : {}) };
}

/** Throws `invalid_argument` for a secret that can never work. Its message does not repeat it. */
export function checkSecrets({ nkeySeed }: NatsOptions): void {
  if (nkeySeed === undefined) return;
  try {
    nkeyAuthenticator(encoder.encode(nkeySeed))("nonce");
  } catch (error) {
    throw new DiscoveryError("invalid_argument", "nkeySeed: expected the seed of an nkey (SU…)", { cause: error });
  }
}

async function identity(options: NatsOptions, endpoint: NatsEndpoint): Promise<ConnectionOptions> {
  const { username, password, token, nkeySeed, nkeyFile, credentialsFile } = options;
  if (credentialsFile !== undefined) return fromFile("credentialsFile", credentialsFile, credsAuthenticator);
  if (nkeyFile !== undefined) return fromFile("nkeyFile", nkeyFile, seedAuthenticator);
  if (nkeySeed !== undefined) return { authenticator: seedAuthenticator(encoder.encode(nkeySeed)) };
  if (token !== undefined) return { token };
  if (username !== undefined) return { user: username, ...(password === undefined ? {} : { pass: password }) };
  if (endpoint.username === undefined) return {};
  // As every NATS client reads it: a lone word before the @ is a token.
  if (endpoint.password === undefined) return { token: endpoint.username };
  return { user: endpoint.username, pass: endpoint.password };
}

async function fromFile(
  option: string,
  file: string,
  authenticator: (content: Uint8Array) => Authenticator,
): Promise<ConnectionOptions> {
  try {
    const authenticate = authenticator(await readFile(file));
    // The library would close the connection without a reason later.
    authenticate("nonce");
    return { authenticator: authenticate };
  } catch (error) {
    const message = `${option}: cannot use ${file}: ${error instanceof Error ? error.message : String(error)}`;
    throw new DiscoveryError("unauthenticated", message, { cause: error });
  }
}

/** The seed's line of a file, which may hold comments and armour. */
function seedAuthenticator(content: Uint8Array): Authenticator {
  const line = new TextDecoder()
    .decode(content)
    .split(/\s+/)
    .find((word) => /^S[A-Z2-7]{50,}$/.test(word));
  if (line === undefined) throw new Error("expected the seed of an nkey (SU…) in it");
  return nkeyAuthenticator(encoder.encode(line));
}

function tls(options: NatsOptions, endpoint: NatsEndpoint): TlsOptions {
  const { tlsCa, tlsCert, tlsKey } = options;
  const name = options.tlsServerName ?? endpoint.tlsName ?? endpoint.host;
  const given: TlsOptions & { servername?: string; host?: string } = {
    ...(tlsCa === undefined ? {} : { caFile: tlsCa }),
    ...(tlsCert === undefined ? {} : { certFile: tlsCert }),
    ...(tlsKey === undefined ? {} : { keyFile: tlsKey }),
    // An address is no server name (RFC 6066); without a host either, Node would compare the certificate with "localhost".
    ...(isIP(name) === 0 ? { servername: name } : { host: name }),
  };
  return given;
}
