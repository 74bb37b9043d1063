import { DiscoveryError, type Bus, type Driver, type DriverContext, type Link, type Store } from "@org/discovery-core";
import { Bucket } from "./bucket.ts";
import { NatsBus } from "./bus.ts";
import { Connection } from "./connection.ts";
import { Lane } from "./lane.ts";
import { Mirror } from "./mirror.ts";
import type { NatsOptions } from "./options.ts";
import { Publisher } from "./publisher.ts";
import { NatsStore } from "./store.ts";
import { Sweeper } from "./sweeper.ts";

/** One daemon's connection to NATS. Has no store where the options say so; on a server without JetStream the store says so itself. */
export class NatsDriver implements Driver {
  readonly name = "nats";
  readonly bus: Bus;
  readonly store?: Store;
  readonly link: Link;
  readonly #connection: Connection;
  readonly #closeParts: () => void;
  readonly #closed = Promise.withResolvers<never>();
  #closing: Promise<void> | undefined;

  constructor(options: NatsOptions, context: DriverContext) {
    this.#connection = new Connection(options, context);
    this.link = this.#connection.link;
    const bus = new NatsBus(this.#connection, context.log, options.linkTimeoutMs);
    this.bus = bus;
    const kept = options.store ? keep(this.#connection, options, context) : undefined;
    if (kept !== undefined) this.store = kept.store;
    this.#closeParts = () => {
      bus.close();
      kept?.sweeper.close();
      kept?.mirror.close();
    };
    this.#closed.promise.catch(() => undefined);
  }

  async start(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => aborted.reject(signal?.reason as Error);
    const up = Promise.withResolvers<void>();
    const check = (): void => {
      if (this.link.state === "up") up.resolve();
    };
    const cancel = this.link.onChange(check);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      if (this.#closing === undefined) this.#connection.open();
      check();
      await Promise.race([up.promise, this.#closed.promise, aborted.promise]);
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      cancel();
      signal?.removeEventListener("abort", abort);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#closeParts();
    await this.#connection.close();
    this.#closed.reject(new DiscoveryError("unavailable", "the NATS driver was closed"));
  }
}

/** What JetStream allows. */
const MIN_HEARTBEAT_MS = 100;

interface Keeping {
  readonly store: Store;
  readonly mirror: Mirror;
  readonly sweeper: Sweeper;
}

function keep(connection: Connection, options: NatsOptions, context: DriverContext): Keeping {
  const { replicas, history, maxBytes, linkTimeoutMs, pingIntervalMs, requestTimeoutMs: timeoutMs } = options;
  const bucket = new Bucket(options.prefix + options.bucket);
  const publisher = new Publisher(connection, context, timeoutMs);
  const mirror = new Mirror(connection, context, {
    publisher,
    options: {
      bucket,
      limits: { replicas, history, maxBytes },
      heartbeatMs: Math.max(MIN_HEARTBEAT_MS, pingIntervalMs),
      silenceMs: linkTimeoutMs,
    },
  });
  const tools = { bucket, connection, context, mirror, publisher, timeoutMs };
  const parts = { ...tools, lane: new Lane(tools) };
  return { mirror, store: new NatsStore(parts), sweeper: new Sweeper(parts, options.deletionsKeptMs) };
}
