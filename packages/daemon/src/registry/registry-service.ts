import {
  Audit,
  type Cancel,
  Catalog,
  type Clock,
  every,
  LeaseReaper,
  Leases,
  type Link,
  type Log,
  type Problem,
  randomIdentifier,
  Registry,
  Replica,
  sleep,
  type Store,
} from "@org/discovery-core";
import type { Config } from "../config/options.ts";
import type { HostedDriver } from "../drivers/create-drivers.ts";
import type { NotReady } from "../http/not-ready.ts";
import type { RegistryView } from "../http/registry-view.ts";
import { ReplicaFile, type SavedReplica } from "./replica-file.ts";
import { StoreProbe } from "./store-probe.ts";

export interface RegistryServiceOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly drivers: readonly HostedDriver[];
  /** Leaves the removal of services that nobody renews to the other daemons. Default: false. */
  readonly isReader?: boolean;
}

/** How often the registry is saved where it changed, in milliseconds. What a crash loses is read from the backend again. */
const SAVE_EVERY_MS = 5000;
/** What a renewal takes to get here, on top of the time for which the other daemon collects them, in milliseconds. */
const TRAVEL_MS = 1000;
/** How often a reader lets leases expire, in milliseconds; the reaper of the others does it, too. */
const SWEEP_EVERY_MS = 1000;
/** Longest that a stop waits for the history to be written, in milliseconds. */
const FLUSH_MS = 1000;
const RETRY_AFTER_SECONDS = 2;

/** The connection of a daemon that hears no renewals: it proves nobody's silence. */
const DEAF: Link = {
  state: "down",
  since: 0,
  lastProof: Number.NEGATIVE_INFINITY,
  lastError: undefined,
  onChange: () => () => {},
};

interface Parts extends RegistryServiceOptions {
  readonly config: Config;
  readonly host: HostedDriver;
  readonly store: Store;
  readonly file: ReplicaFile;
  readonly saved: SavedReplica | undefined;
}

/**
 * Core's registry with what it needs of this machine: the first driver that has a store, and a file that remembers what was in it.
 */
export class RegistryService implements RegistryView {
  readonly replica: Replica;
  readonly leases: Leases;
  readonly catalog: Catalog;
  readonly audit: Audit | undefined;
  readonly registry: Registry;
  readonly #clock: Clock;
  readonly #host: HostedDriver;
  readonly #file: ReplicaFile;
  readonly #probe: StoreProbe;
  readonly #reaper: LeaseReaper;
  readonly #isReader: boolean;
  /** Monotonic milliseconds at which what was saved was true; `undefined` where nothing was. */
  readonly #savedAt: number | undefined;
  #cancels: Cancel[] = [];

  private constructor(parts: Parts) {
    const { clock, log, random, config, host, store, file, saved } = parts;
    const { strategy, replicas, auditLimit } = config.registry;
    this.#clock = clock;
    this.#host = host;
    this.#file = file;
    this.#isReader = parts.isReader ?? false;
    this.#savedAt = saved === undefined ? undefined : clock.monotonic() - saved.ageMs;
    const isAlone = host.driver.bus.reach === "process";
    this.replica = new Replica({
      clock,
      log,
      store,
      ...(saved === undefined ? {} : { saved: saved.snapshot }),
      ...(isAlone ? { settleMs: 0 } : {}),
    });
    this.leases = new Leases({
      clock,
      instance: randomIdentifier(random),
      link: config.presence.listen ? host.driver.link : DEAF,
      lagMs: isAlone ? 0 : config.presence.keepAliveMs + TRAVEL_MS,
      guard: { share: config.guard.share, holdMs: config.guard.holdMs },
      lingerMs: config.guard.lingerMs,
    });
    this.catalog = new Catalog({ replica: this.replica, assignment: { strategy, replicas }, leases: this.leases });
    this.audit =
      auditLimit === 0 ? undefined : new Audit({ clock, log, random, replica: this.replica, limit: auditLimit });
    this.registry = new Registry({
      clock,
      replica: this.replica,
      catalog: this.catalog,
      leases: this.leases,
      ...(this.audit === undefined ? {} : { audit: this.audit }),
    });
    this.#reaper = new LeaseReaper({ clock, log, leases: this.leases, registry: this.registry });
    this.#probe = new StoreProbe({ clock, store, link: host.driver.link, isLive: () => this.replica.live });
  }

  /** Reads what was saved; starts nothing. `undefined` where no driver keeps anything. */
  static async create(config: Config, options: RegistryServiceOptions): Promise<RegistryService | undefined> {
    const host = options.drivers.find(({ driver }) => driver.store !== undefined);
    const store = host?.driver.store;
    if (host === undefined || store === undefined) return undefined;
    const { clock, log } = options;
    const file = new ReplicaFile({ clock, log, folder: config.driver.dataDir, origin: host.place });
    return new RegistryService({ ...options, config, host, store, file, saved: await file.read() });
  }

  async start(): Promise<void> {
    await this.replica.start();
    this.#cancels.push(every(this.#clock, SAVE_EVERY_MS, () => void this.#save()));
    if (this.#isReader) this.#cancels.push(every(this.#clock, SWEEP_EVERY_MS, () => void this.leases.sweep()));
    else this.#reaper.start();
    this.#cancels.push(this.#probe.start());
  }

  /** Writes what is left of the history, saves the registry for the next start, and stops. The driver is not this class's to close. */
  async stop(): Promise<void> {
    for (const cancel of this.#cancels) cancel();
    this.#cancels = [];
    this.#reaper.stop();
    if (this.audit !== undefined) await Promise.race([this.audit.settled(), sleep(this.#clock, FLUSH_MS)]);
    const snapshot = this.replica.snapshot();
    const isCurrent = this.staleSeconds() === undefined;
    this.replica.stop();
    this.audit?.stop();
    this.catalog.stop();
    if (snapshot === undefined) return;
    if (isCurrent) await this.#file.renew(snapshot);
    else await this.#file.write(snapshot);
  }

  notReady(): NotReady | undefined {
    if (this.replica.live || this.#savedAt !== undefined) return undefined;
    const { driver } = this.#host;
    if (this.#probe.never !== undefined) return { code: "unimplemented", reason: this.#probe.never };
    if (this.replica.settling) {
      const reason = "the registry's backend is empty; waiting whether a daemon has something to put back";
      return { code: "unavailable", reason, retryAfterSeconds: RETRY_AFTER_SECONDS, passing: true };
    }
    const cause = driver.link.lastError?.message ?? "not connected yet";
    const reason =
      driver.link.state === "up"
        ? "reading the registry from the backend"
        : `the registry was not read since the start (${driver.name}: ${cause})`;
    return { code: "unavailable", reason, retryAfterSeconds: RETRY_AFTER_SECONDS };
  }

  staleSeconds(): number | undefined {
    const { link } = this.#host.driver;
    const isUp = link.state === "up";
    if (isUp && this.replica.live) return undefined;
    const proof = this.replica.live ? link.lastProof : this.#savedAt;
    return proof === undefined ? undefined : Math.max(0, Math.round((this.#clock.monotonic() - proof) / 1000));
  }

  refillFailure(): Error | undefined {
    return this.replica.refillFailure;
  }

  problems(): readonly Problem[] {
    return this.catalog.problems();
  }

  async #save(): Promise<void> {
    const snapshot = this.replica.snapshot();
    if (snapshot !== undefined) await this.#file.write(snapshot);
  }
}
