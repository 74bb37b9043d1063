import { createServer, type RequestListener, type Server, type ServerOptions } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener, RequestError } from "@hono/node-server";
import { DiscoveryError, toError, type Clock, type Log } from "@org/discovery-core";

/** How long a client may take, so that slow or silent ones cannot hold the daemon's connections. In milliseconds. */
export interface ServerLimits {
  /** Until the whole head of a request is there. */
  readonly headersMs: number;
  /** Until the whole request is there. */
  readonly requestMs: number;
  /** Between two requests on one connection. Longer than Prometheus' usual 60 s between two, so that it need not reconnect. */
  readonly keepAliveMs: number;
  /** Without any byte in either direction, for example a client that does not read its answer. */
  readonly silenceMs: number;
  /** How often the first two are looked at. */
  readonly checkMs: number;
  /** From `close()` until requests under way are cut off. */
  readonly closeMs: number;
}

const LIMITS: ServerLimits = {
  headersMs: 10_000,
  requestMs: 30_000,
  keepAliveMs: 75_000,
  silenceMs: 120_000,
  checkMs: 2_000,
  closeMs: 5_000,
};

/** Largest head of a request, in bytes; a larger one gets 431. */
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_CONNECTIONS = 4096;
const BAD_REQUEST = "request line or header Host: expected a path, or a URL with http or https, and a host";

export interface HttpServerOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** The app's `fetch`; `env` has the connection. */
  readonly fetch: (request: Request, env: object) => Response | Promise<Response>;
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly limits?: Partial<ServerLimits>;
}

/** A server that listens. */
export interface HttpServer {
  /** `host:port` as it is bound, an IPv6 host in brackets. */
  readonly address: string;
  /** Takes no more connections, lets requests under way finish for at most `closeMs`, and closes all. Idempotent. */
  close(): Promise<void>;
}

/**
 * Serves an app over HTTP/1.1. Resolves when it listens.
 *
 * @throws DiscoveryError `unavailable`, naming the address, where it cannot listen there.
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const limits = { ...LIMITS, ...options.limits };
  const server = createServer(serverOptions(limits), listener(options));
  server.maxConnections = MAX_CONNECTIONS;
  server.timeout = limits.silenceMs;
  closeAfterLastAnswer(server);
  await listen(server, options);
  server.on("error", (error) => options.log.error({ err: error }, "HTTP server failed"));
  let closed: Promise<void> | undefined;
  return {
    address: formatAddress(server.address() as AddressInfo),
    close: () => (closed ??= close(server, options.clock, limits.closeMs)),
  };
}

function serverOptions(limits: ServerLimits): ServerOptions {
  return {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: limits.checkMs,
  };
}

function listener({ fetch, log }: HttpServerOptions): RequestListener {
  const answer = getRequestListener(fetch, {
    // HTTP/1.0 clients name no host.
    hostname: "localhost",
    errorHandler: (error) => {
      // A request line or Host header that is no URL never reaches the app.
      if (error instanceof RequestError) return new Response(BAD_REQUEST, { status: 400 });
      log.error({ err: toError(error) }, "request failed");
      return new Response("internal error", { status: 500 });
    },
  });
  return (incoming, outgoing) => void answer(incoming, outgoing);
}

function listen(server: Server, { host, port }: HttpServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      const why = error.code === "EADDRINUSE" ? "the address is in use" : error.message;
      const message = `HTTP cannot listen on ${formatAddress({ address: host, port })}: ${why}`;
      reject(new DiscoveryError("unavailable", message, { cause: error }));
    };
    server.once("error", fail);
    server.listen({ host, port }, () => {
      server.off("error", fail);
      resolve();
    });
  });
}

/** While closing, a connection that is kept alive has to go when its request under way is answered; Node closes only those idle before. */
function closeAfterLastAnswer(server: Server): void {
  server.prependListener("request", (_request, response) => {
    response.once("close", () => {
      if (!server.listening) server.closeIdleConnections();
    });
  });
}

function close(server: Server, clock: Clock, closeMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cutOff = clock.after(closeMs, () => server.closeAllConnections());
    server.close(() => {
      cutOff();
      resolve();
    });
  });
}

function formatAddress({ address, port }: Pick<AddressInfo, "address" | "port">): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
