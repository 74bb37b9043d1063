import { LinkMonitor, DiscoveryError, sleep, type DriverContext, type Link } from "@org/discovery-core";
import type { Connection, Connector } from "./connection.ts";
import { MAX_PAUSE_MS, redialPauseMs } from "./redial-pause.ts";
import { unavailable } from "./redis-error.ts";
import { Session } from "./session.ts";
import type { Subscriptions } from "./subscriptions.ts";

export interface SessionKeeperOptions {
  readonly context: DriverContext;
  readonly connector: Connector;
  readonly subscriptions: Subscriptions;
  readonly probeKey: string;
  readonly linkTimeoutMs: number;
  readonly pingIntervalMs: number;
}

/**
 * Keeps one session open for as long as it runs.
 *
 * It is dialing (no session, the link is down), then open (a session with every subscription in place, the link is up)
 * until that fails, then pausing (link down) before it dials again; and closed in the end, for good.
 */
export class SessionKeeper {
  readonly #options: SessionKeeperOptions;
  readonly #link: LinkMonitor;
  readonly #closing = new AbortController();
  readonly #openListeners: ((session: Session) => void)[] = [];
  #session: Session | undefined;
  #running: Promise<void> | undefined;

  constructor(options: SessionKeeperOptions) {
    this.#options = options;
    // Whoever is answered late by less than this was not away.
    this.#link = new LinkMonitor(options.context.clock, options.linkTimeoutMs + options.pingIntervalMs);
  }

  get link(): Link {
    return this.#link;
  }

  /** The open session, if there is one. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** The open session; throws `unavailable` where there is none. */
  require(): Session {
    if (this.#session?.isOpen === true) return this.#session;
    throw new DiscoveryError(
      "unavailable",
      this.#link.lastError?.message ?? `redis ${this.#address}: not connected yet`,
    );
  }

  /** Calls `listener` with each session as it opens. */
  onOpen(listener: (session: Session) => void): void {
    this.#openListeners.push(listener);
  }

  /** Begins to dial; goes on until `close`. */
  run(): void {
    this.#running ??= this.#keep();
  }

  /** Aborted when this is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error("driver closed"));
    await this.#running;
  }

  async #keep(): Promise<void> {
    const { clock, random } = this.#options.context;
    let failures = 0;
    for (let attempt = 0; !this.closing.aborted; attempt++) {
      const begun = clock.monotonic();
      const error = await this.#live(attempt);
      this.#session = undefined;
      this.#lost(error);
      const lastedMs = clock.monotonic() - begun;
      // A server that lets us in only to throw us out again is not dialed faster for it.
      failures = lastedMs > MAX_PAUSE_MS + this.#options.linkTimeoutMs ? 0 : failures + 1;
      const pauseMs = redialPauseMs({ failures: failures + 1, lastedMs, random });
      await sleep(clock, pauseMs, this.closing).catch(() => {});
    }
  }

  /** One session from dialing to its end; resolves with why it ended. */
  async #live(attempt: number): Promise<DiscoveryError> {
    try {
      const session = await this.#dial(attempt);
      this.#session = session;
      this.#link.proved();
      this.#options.context.log.info({ server: this.#address }, "connected to redis");
      for (const listener of this.#openListeners) listener(session);
      return await session.ended;
    } catch (error) {
      if (error instanceof DiscoveryError) return error;
      throw error;
    }
  }

  async #dial(attempt: number): Promise<Session> {
    const { connector, context, subscriptions, probeKey, linkTimeoutMs, pingIntervalMs } = this.#options;
    const session = await Session.open(
      await this.#connection(attempt),
      {
        ...{ clock: context.clock, address: connector.address, patienceMs: connector.patienceMs },
        ...{ probeKey, linkTimeoutMs, pingIntervalMs },
        onMessage: (channel, message) => subscriptions.deliver(channel, message),
        // Before every subscription is in place the link is not up, whoever answers.
        onProof: () => {
          if (this.#session !== undefined) this.#link.proved();
        },
      },
      this.closing,
    );
    try {
      await this.#subscribeAll(session);
    } catch (error) {
      session.fail(error);
      throw error;
    }
    // It may have ended with its last subscription confirmed: then the link was never up.
    if (!session.isOpen) throw await session.ended;
    return session;
  }

  async #connection(attempt: number): Promise<Connection> {
    const { connector, context } = this.#options;
    const { patienceMs } = connector;
    const late = new AbortController();
    const cancel = context.clock.after(patienceMs, () => late.abort(new Error(`no answer within ${patienceMs} ms`)));
    try {
      return await connector.open(attempt, AbortSignal.any([this.closing, late.signal]));
    } catch (error) {
      throw unavailable(this.#address, this.closing.aborted ? this.closing.reason : error);
    } finally {
      cancel();
    }
  }

  /** Until none is missing: more may be asked for while the server is confirming. */
  async #subscribeAll(session: Session): Promise<void> {
    for (;;) {
      const missing = [...this.#options.subscriptions.channels()].filter((channel) => !session.isSubscribed(channel));
      if (missing.length === 0) return;
      await Promise.all(missing.map((channel) => session.subscribe(channel)));
    }
  }

  #lost(error: DiscoveryError): void {
    const isNews = this.#link.state === "up" || this.#link.lastError?.message !== error.message;
    this.#link.lost(error);
    if (isNews && !this.closing.aborted) {
      this.#options.context.log.warn({ error: error.message }, "no connection to redis; trying again");
    }
  }

  get #address(): string {
    return this.#options.connector.address;
  }
}
