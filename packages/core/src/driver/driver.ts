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
  /** The driver's options. Every one has a description, which `--help` and the documentation print. */
  readonly options: Options;
  create(options: InferOutput<Options>, context: DriverContext): Driver;
}
