import type { Cancel, Clock, DiscoveryError } from "@org/discovery-core";
import type { Redis } from "ioredis";
import type { Connection } from "./connection.ts";
import { withDeadline } from "./deadline.ts";
import { takePulse, type Patient } from "./pulse.ts";
import { isBareEnd, isUnusable, unavailable } from "./redis-error.ts";

export interface SessionOptions {
  readonly clock: Clock;
  readonly address: string;
  /** A key of the store: a node of a cluster that no longer serves it says so. */
  readonly probeKey: string;
  /** Milliseconds within which both connections must be answered. */
  readonly patienceMs: number;
  readonly linkTimeoutMs: number;
  readonly pingIntervalMs: number;
  onMessage(channel: string, message: string): void;
  /** The server answered over the connection that subscriptions use. */
  onProof(): void;
}

/**
 * One life of the two connections: from the moment that both answer until either fails. What fails is never repaired;
 * the next session is a new one.
 */
export class Session {
  readonly #connection: Connection;
  readonly #options: SessionOptions;
  readonly #subscribed = new Map<string, Promise<unknown>>();
  readonly #end = Promise.withResolvers<DiscoveryError>();
  readonly #stops: Cancel[] = [];
  /** What the client reported last: better told than the bare end that follows. */
  #lastWords: unknown;
  #over = false;

  private constructor(connection: Connection, options: SessionOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /**
   * Resolves when both connections are answered. Fails with `unavailable`, at the latest after `patienceMs`. The signal ends the
   * session whenever it aborts.
   */
  static async open(connection: Connection, options: SessionOptions, signal: AbortSignal): Promise<Session> {
    const session = new Session(connection, options);
    const timeoutMs = options.patienceMs;
    const late = (): Error => new Error(`no connection within ${timeoutMs} ms`);
    const abort = (): void => session.fail(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    session.#stops.push(() => signal.removeEventListener("abort", abort));
    try {
      signal.throwIfAborted();
      await withDeadline(options.clock, session.#connect(), { timeoutMs, late });
      session.#listen();
      return session;
    } catch (error) {
      session.fail(error);
      throw await session.ended;
    }
  }

  /** Resolves, never rejects, with the reason when this session is over. */
  get ended(): Promise<DiscoveryError> {
    return this.#end.promise;
  }

  /** Whether a command can be sent at this moment. */
  get isOpen(): boolean {
    return !this.#over && this.#connection.commands.status === "ready";
  }

  get commands(): Connection["commands"] {
    return this.#connection.commands;
  }

  /** Resolves when the server confirmed it. */
  async subscribe(channel: string): Promise<void> {
    const begun = this.#subscribed.get(channel) ?? this.#connection.subscriber.subscribe(channel);
    this.#subscribed.set(channel, begun);
    try {
      await begun;
    } catch (error) {
      this.#subscribed.delete(channel);
      throw unavailable(this.#options.address, error);
    }
  }

  isSubscribed(channel: string): boolean {
    return this.#subscribed.has(channel);
  }

  unsubscribe(channel: string): void {
    if (!this.#subscribed.delete(channel) || this.#over) return;
    this.#connection.subscriber.unsubscribe(channel).catch((error: unknown) => this.fail(error));
  }

  /** To be told of every failed command: some answers mean that this connection is of no more use. */
  judge(thrown: unknown): void {
    if (isUnusable(thrown)) this.fail(thrown);
  }

  /** Ends the session: both connections are closed, and what was not answered fails. */
  fail(thrown: unknown): void {
    if (this.#over) return;
    this.#over = true;
    for (const stop of this.#stops) stop();
    close(this.#connection.subscriber);
    close(this.#connection.commands);
    const reason = isBareEnd(thrown) ? (this.#lastWords ?? thrown) : thrown;
    this.#end.resolve(unavailable(this.#options.address, reason));
  }

  async #connect(): Promise<void> {
    const { subscriber, commands } = this.#connection;
    for (const client of [subscriber, commands]) {
      const hear = (error: unknown): void => {
        this.#lastWords = error;
      };
      client.on("error", hear);
      client.once("end", () => this.fail(new Error("Connection is closed.")));
    }
    await Promise.all([subscriber.connect(), commands.connect()]);
    this.#lastWords = undefined;
    await Promise.all([subscriber.ping(), this.#probe()]);
  }

  #listen(): void {
    const { clock, pingIntervalMs, linkTimeoutMs } = this.#options;
    const { subscriber, commands } = this.#connection;
    subscriber.on("message", (channel: string, message: string) => this.#options.onMessage(channel, message));
    const watch = (patient: Patient, onAnswer: () => void): void => {
      const onSilence = (thrown: unknown): void => this.fail(thrown);
      const timing = { clock, intervalMs: pingIntervalMs, timeoutMs: linkTimeoutMs };
      this.#stops.push(takePulse(patient, { ...timing, onAnswer, onSilence }));
    };
    watch({ ping: () => subscriber.ping(), received: () => subscriber.stream.bytesRead }, () =>
      this.#options.onProof(),
    );
    watch({ ping: () => this.#probe(), received: () => commands.stream.bytesRead }, () => {});
  }

  #probe(): Promise<unknown> {
    return this.commands.exists(this.#options.probeKey);
  }
}

/** Without waiting for a peer that may be frozen to say goodbye. */
function close(client: Redis): void {
  if (client.status !== "end") client.disconnect();
  client.stream?.destroy();
}
