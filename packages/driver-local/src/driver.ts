import {
  backOffMs,
  DiscoveryError,
  every,
  isDiscoveryError,
  LinkMonitor,
  sleep,
  toError,
  type Cancel,
  type Driver,
  type DriverContext,
} from "@org/discovery-core";
import { LocalBus } from "./bus.ts";
import type { HubMember, LocalHub } from "./hub.ts";
import { LocalStore } from "./store.ts";

/** How often the file is proven to be still there, in milliseconds. */
const PROOF_MS = 1_000;
/** Between two attempts to open the file. */
const PAUSES = { firstMs: 50, maxMs: 1_000 };
/** A longer silence means that the process was suspended. */
const MAX_SILENCE_MS = 5_000;

/** A daemon's part of a `LocalHub`. Up while the SQLite file is open; tries to open it for ever. */
export class LocalDriver implements Driver, HubMember {
  readonly name = "local";
  readonly bus: LocalBus;
  readonly store: LocalStore;
  readonly link: LinkMonitor;
  readonly #hub: LocalHub;
  readonly #context: DriverContext;
  readonly #closing = new AbortController();
  #cancelProofs: Cancel = () => {};

  constructor(hub: LocalHub, context: DriverContext) {
    this.#hub = hub;
    this.#context = context;
    this.link = new LinkMonitor(context.clock, MAX_SILENCE_MS);
    this.bus = new LocalBus(hub.channels, this.link, context.log);
    this.store = new LocalStore(hub, this.link, context.log);
  }

  /** Rejects with `invalid_argument` where the file is not ours or is damaged; waits where another daemon has it. */
  async start(signal?: AbortSignal): Promise<void> {
    const { signal: closing } = this.#closing;
    const stop = signal === undefined ? closing : AbortSignal.any([signal, closing]);
    stop.throwIfAborted();
    this.#hub.join(this);
    try {
      await this.#connect(stop, (error) => isDiscoveryError(error, "invalid_argument"));
    } catch (error) {
      this.#hub.leave(this);
      throw error;
    }
    this.#cancelProofs();
    this.#cancelProofs = every(this.#context.clock, PROOF_MS, () => this.#prove());
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const closed = new DiscoveryError("unavailable", "driver local was closed");
    this.#closing.abort(closed);
    this.#cancelProofs();
    this.bus.close();
    this.store.close();
    this.#hub.leave(this);
    this.link.lost(closed);
  }

  onCommit(): void {
    if (this.link.state === "up") this.store.pump();
  }

  onLost(error: Error): void {
    if (this.link.state === "down") return;
    this.#context.log.warn({ path: this.#hub.path, err: error }, "registry file out of reach; trying to open it again");
    this.bus.detach();
    this.link.lost(error);
    void this.#reconnect();
  }

  async #reconnect(): Promise<void> {
    const { signal } = this.#closing;
    try {
      // Not at once: a disk that is full takes the few bytes of an opening, and the link would flap with every write.
      await sleep(this.#context.clock, this.#pauseMs(1), signal);
      await this.#connect(signal, () => false);
      this.#context.log.info({ path: this.#hub.path }, "registry file open again");
    } catch {
      // Closed meanwhile.
    }
  }

  #pauseMs(failures: number): number {
    return backOffMs({ ...PAUSES, failures, random: this.#context.random });
  }

  async #connect(stop: AbortSignal, isFinal: (error: Error) => boolean): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const error = this.#open();
      if (error === undefined) return;
      this.link.lost(error);
      if (isFinal(error)) throw error;
      await sleep(this.#context.clock, this.#pauseMs(attempt + 1), stop);
    }
  }

  #open(): Error | undefined {
    try {
      this.#hub.open();
    } catch (error) {
      return toError(error);
    }
    this.bus.attach();
    this.link.proved();
    this.store.pump();
    return undefined;
  }

  #prove(): void {
    if (this.link.state === "down") return;
    try {
      this.#hub.prove();
      this.link.proved();
    } catch {
      // The hub has told every member, this one too.
    }
  }
}
