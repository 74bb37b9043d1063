import type { GenericSchema, InferOutput } from "valibot";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Bus } from "./bus.ts";
import type { Link } from "./link.ts";
import type { Store } from "./store.ts";

/** A backend: how packets travel and where the registry is kept. */
export interface Driver {
  readonly name: string;
  readonly bus: Bus;
  /** Absent where the backend cannot keep anything. */
  readonly store?: Store;
  readonly link: Link;
  /**
   * Resolves when first connected, with every subscription in place; reconnects for ever afterwards, with jittered
   * back-off. Rejects when the signal aborts or the driver is closed first, and on options that can never work.
   */
  start(signal?: AbortSignal): Promise<void>;
  /** Idempotent. Leaves no timer, socket or listener behind. */
  close(): Promise<void>;
}

/** What a driver gets from the daemon that hosts it. */
export interface DriverContext {
  readonly clock: Clock;
  readonly log: Log;
  /** Uniform in [0, 1), as `Math.random`; for back-off jitter and identities. */
  readonly random: () => number;
}

/** What a driver module exports as its default. */
export interface DriverFactory<Options extends GenericSchema = GenericSchema> {
  readonly name: string;
  /**
   * The driver's options: an object's schema, strict so that a misspelt name is a mistake. Every one has a description, for whoever
   * reads the schema; `--help` of the daemon prints only its own flags.
   *
   * The daemon prints an issue behind the flag, variable or key that the user set. A message is best written to go on from there,
   * `expected a TCP port`; one about several options begins with the name of the one to change and has others in backquotes,
   * "tlsKey: expected the key of `tlsCert`". It must not repeat a secret.
   */
  readonly options: Options;
  /**
   * Makes a driver, not started: it holds nothing that `close` would not give back.
   *
   * @throws DiscoveryError `invalid_argument` for options that can never work, with one line for each mistake, such as
   * `tlsCa: expected a PEM file, got "/x.pem": ENOENT`.
   */
  create(options: InferOutput<Options>, context: DriverContext): Driver;
}
