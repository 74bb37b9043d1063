import {
  backOffMs,
  DiscoveryError,
  LinkMonitor,
  isDiscoveryError,
  sleep,
  toError,
  type Cancel,
  type DriverContext,
} from "@org/discovery-core";
import { connect, type NatsConnection } from "nats";
import { connectionFailure } from "./connection-failure.ts";
import { knock, type Greeting } from "./knock.ts";
import { login } from "./login.ts";
import { endpointName, type NatsEndpoint } from "./nats-url.ts";
import type { NatsOptions } from "./options.ts";
import { ServerList } from "./server-list.ts";
import { Session } from "./session.ts";

const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 800;

/** Called with each new session before the link is reported up. What it sends at once is at the server by then. */
export type OnSession = (session: Session) => void;

/**
 * One connection after another, for ever. The client library's own reconnecting is off: it keeps what is published while it is
 * away and sends it later, and presence that arrives late is false.
 */
export class Connection {
  readonly link: LinkMonitor;
  readonly #options: NatsOptions;
  readonly #context: DriverContext;
  readonly #servers: ServerList;
  readonly #closing = new AbortController();
  readonly #listeners = new Set<OnSession>();
  #latest: Session | undefined;
  #running: Promise<void> | undefined;

  constructor(options: NatsOptions, context: DriverContext) {
    this.#options = options;
    this.#context = context;
    this.#servers = new ServerList(options.servers, context.random);
    this.link = new LinkMonitor(context.clock, options.linkTimeoutMs + options.pingIntervalMs);
  }

  /** The session that is, or is about to be proven; undefined where there is none. */
  get latest(): Session | undefined {
    return this.#latest?.isOver === false ? this.#latest : undefined;
  }

  /** The proven session; undefined while the link is down. */
  get current(): Session | undefined {
    return this.link.state === "up" ? this.latest : undefined;
  }

  /** The proven session. Throws `unavailable` while the link is down. */
  required(): Session {
    const { current } = this;
    if (current !== undefined) return current;
    const why = this.link.lastError === undefined ? "" : `: ${this.link.lastError.message}`;
    throw new DiscoveryError("unavailable", `not connected to NATS${why}`, { cause: this.link.lastError });
  }

  onSession(listener: OnSession): Cancel {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Begins connecting, once. */
  open(): void {
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    // Whoever waits for an answer on it waits no longer.
    await this.#latest?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    let failures = 0;
    while (!signal.aborted) {
      const session = await this.#tryConnect();
      if (session !== undefined) await this.#hold(session);
      failures = session === undefined ? failures + 1 : 0;
      await this.#pause(failures);
    }
    this.link.lost(new DiscoveryError("unavailable", "the NATS driver was closed"));
  }

  async #tryConnect(): Promise<Session | undefined> {
    try {
      return await this.#connect();
    } catch (error) {
      this.#report(error);
      return undefined;
    }
  }

  /** A session with the next server, with every subscription in place. */
  async #connect(): Promise<Session> {
    const endpoint = this.#servers.next();
    const { signal } = this.#closing;
    const { clock, log } = this.#context;
    const { linkTimeoutMs: timeoutMs } = this.#options;
    const greeting = await knock(endpoint, { clock, timeoutMs, signal });
    const session = new Session(await this.#dial(endpoint, greeting), { endpoint, clock, log });
    try {
      signal.throwIfAborted();
      this.#latest = session;
      for (const listener of this.#listeners) listener(session);
      await session.settle(timeoutMs);
      signal.throwIfAborted();
    } catch (error) {
      this.#latest = undefined;
      await session.close();
      throw error;
    }
    return session;
  }

  async #dial(endpoint: NatsEndpoint, { offersTls }: Greeting): Promise<NatsConnection> {
    const { signal } = this.#closing;
    try {
      const options = await login(this.#options, endpoint, offersTls);
      const dialling = connect({
        ...options,
        servers: [endpointName(endpoint)],
        name: "discovery",
        timeout: this.#options.linkTimeoutMs,
        reconnect: false,
        ignoreClusterUpdates: true,
        noAsyncTraces: true,
        // The system's resolver knows names that DNS does not.
        resolve: false,
      });
      return await unlessAborted(dialling, signal, (late) => late.close());
    } catch (error) {
      throw connectionFailure(error, endpointName(endpoint));
    }
  }

  /** Keeps proving the session until it is lost. */
  async #hold(session: Session): Promise<void> {
    const { log } = this.#context;
    const server = session.nats.getServer();
    this.#proved(session);
    log.info({ server }, "connected to NATS");
    const error = await Promise.race([session.ended, this.#prove(session)]);
    this.#latest = undefined;
    const failure = connectionFailure(error, server);
    this.link.lost(failure);
    await session.close();
    if (!this.#closing.signal.aborted) log.warn({ server, error: failure.message }, "lost the connection to NATS");
  }

  /** Resolves with what is wrong. */
  async #prove(session: Session): Promise<Error> {
    const { pingIntervalMs, linkTimeoutMs } = this.#options;
    try {
      for (;;) {
        await sleep(this.#context.clock, pingIntervalMs, this.#closing.signal);
        await session.roundTrip(linkTimeoutMs);
        if (!session.isOver) this.#proved(session);
      }
    } catch (error) {
      return toError(error);
    }
  }

  #proved(session: Session): void {
    this.link.proved();
    // Others may have joined its cluster since: the server tells as they come.
    this.#servers.discovered(session.nats.info?.connect_urls ?? [], session.endpoint);
  }

  #report(error: unknown): void {
    if (this.#closing.signal.aborted) return;
    const failure = isDiscoveryError(error) ? error : connectionFailure(error, "a server");
    if (failure.message !== this.link.lastError?.message) {
      this.#context.log.warn({ error: failure.message }, "cannot connect to NATS");
    }
    this.link.lost(failure);
  }

  /** Every server gets its turn before there is a pause. */
  async #pause(failures: number): Promise<void> {
    const { clock, random } = this.#context;
    const rounds = Math.floor(failures / this.#servers.count);
    if (failures % this.#servers.count !== 0) return;
    const pauseMs = backOffMs({ failures: rounds + 1, firstMs: FIRST_DELAY_MS, maxMs: MAX_DELAY_MS, random });
    await sleep(clock, pauseMs, this.#closing.signal).catch(() => undefined);
  }
}

/** The promise's result; where the signal aborts first, a rejection, and the late result is disposed of. */
function unlessAborted<Result>(
  promise: Promise<Result>,
  signal: AbortSignal,
  dispose: (late: Result) => Promise<void>,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(toError(signal.reason));
      promise.then(dispose).catch(() => undefined);
    };
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
