import { DiscoveryError, sleep, type Clock, type Log } from "@org/discovery-core";
import { Events, type NatsConnection } from "nats";
import type { NatsEndpoint } from "./nats-url.ts";

/** Longer than a cluster needs to pass a subscription on, unless it spans continents. */
const CLUSTER_MS = 100;

export interface SessionOptions {
  readonly endpoint: NatsEndpoint;
  readonly clock: Clock;
  readonly log: Log;
}

/** One connection to one server, from its beginning to its end. */
export class Session {
  readonly nats: NatsConnection;
  /** The server that it is with. */
  readonly endpoint: NatsEndpoint;
  /** Resolves when it is over, with the reason. Never rejects. */
  readonly ended: Promise<Error>;
  readonly #clock: Clock;
  readonly #pending = new Set<(error: Error) => void>();
  readonly #denied = new Set<string>();
  readonly #used = new Set<string>();

  constructor(nats: NatsConnection, { endpoint, clock, log }: SessionOptions) {
    this.nats = nats;
    this.endpoint = endpoint;
    this.#clock = clock;
    this.ended = this.#end();
    void this.#listen(log);
  }

  get isOver(): boolean {
    return this.nats.isClosed();
  }

  /** Whether the server has refused publishing to this subject. To be asked after a round trip. */
  async refuses(subject: string): Promise<boolean> {
    // The library tells of a refusal some turns after it came, which is before the answer to the round trip.
    if (!this.#used.has(subject)) await sleep(this.#clock, 0);
    this.#used.add(subject);
    return this.#denied.has(subject);
  }

  /**
   * Resolves when the subscriptions made before are in place: the server has them, and where it is one of a cluster, the others had
   * time to hear of them. They are told by and by, and NATS confirms that to nobody. Fails as `roundTrip` does.
   */
  async settle(timeoutMs: number): Promise<void> {
    await this.roundTrip(timeoutMs);
    if ((this.nats.info?.cluster ?? "") !== "") await sleep(this.#clock, CLUSTER_MS);
  }

  /**
   * Resolves when the server has taken all that was sent before: it answers in order. Fails with `unavailable` when the
   * connection ends first, or when the time is up.
   */
  roundTrip(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (error?: Error): void => {
        cancel();
        this.#pending.delete(finish);
        if (error === undefined) resolve();
        else reject(error);
      };
      const expire = (): void => finish(lost(`no answer within ${timeoutMs} ms`));
      // It may have been this process that stood still: then the answer is there, and is read before the next timer runs.
      let cancel = this.#clock.after(timeoutMs, () => {
        cancel = this.#clock.after(0, expire);
      });
      // The library leaves an unanswered flush pending for ever when the connection closes.
      this.#pending.add(finish);
      this.nats.flush().then(
        () => finish(),
        () => finish(lost("the connection was lost")),
      );
    });
  }

  async close(): Promise<void> {
    await this.nats.close();
  }

  async #end(): Promise<Error> {
    const reason = await this.nats.closed();
    const error = lost(
      reason instanceof Error ? `the connection was lost: ${reason.message}` : "the connection was closed",
    );
    for (const finish of this.#pending) finish(error);
    return reason instanceof Error ? reason : error;
  }

  async #listen(log: Log): Promise<void> {
    for await (const status of this.nats.status()) {
      if (status.type !== Events.Error) continue;
      const { permissionContext: denied } = status;
      if (denied === undefined) continue;
      if (denied.operation === "publish") this.#denied.add(denied.subject);
      log.error({ subject: denied.subject, operation: denied.operation }, "NATS permissions do not allow this");
    }
  }
}

function lost(why: string): DiscoveryError {
  return new DiscoveryError("unavailable", `NATS: ${why}`);
}
