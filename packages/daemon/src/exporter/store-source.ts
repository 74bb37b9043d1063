import { join } from "node:path";
import type { Cancel, Clock, Log } from "@org/discovery-core";
import type { Config } from "../config/options.ts";
import { connectDriver } from "../drivers/connect-driver.ts";
import type { HostedDriver } from "../drivers/create-drivers.ts";
import { reportLink } from "../drivers/link-reporter.ts";
import type { Metrics } from "../metrics.ts";
import { PresenceService } from "../presence/presence-service.ts";
import { RegistryService } from "../registry/registry-service.ts";
import type { ExporterMetrics } from "./exporter-metrics.ts";
import type { ServerView, Source } from "./source.ts";

export interface StoreSourceOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly metrics: Metrics;
  readonly exporterMetrics: ExporterMetrics;
  /** None of them started; they are this source's to close. */
  readonly drivers: readonly HostedDriver[];
  readonly server: string;
}

interface Parts extends StoreSourceOptions {
  /** `undefined` where no driver keeps anything. */
  readonly registry: RegistryService | undefined;
  readonly presence: PresenceService;
}

/** Below the data folder, for the daemon on this machine saves its own there. */
const FOLDER = "exporter";
const SERVICE_KEYS = "service/";

/**
 * The registry from the store itself: what a daemon knows, without its API. It listens to the other daemons for the renewals of
 * leases, and never announces a host, nor removes what nobody renews.
 */
export class StoreSource implements Source {
  readonly #parts: Parts;
  readonly #listeners = new Set<() => void>();
  readonly #stopping = new AbortController();
  #cancels: Cancel[] = [];

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Reads what was saved; starts nothing. */
  static async create(config: Config, options: StoreSourceOptions): Promise<StoreSource> {
    const own: Config = {
      ...config,
      driver: { ...config.driver, dataDir: join(config.driver.dataDir, FOLDER) },
      presence: { ...config.presence, register: false },
      registry: { ...config.registry, auditLimit: 0 },
    };
    const registry = await RegistryService.create(own, { ...options, isReader: true });
    const presence = await PresenceService.create(own, { ...options, leases: registry?.leases });
    return new StoreSource({ ...options, registry, presence });
  }

  async start(): Promise<void> {
    const { registry, presence, drivers, log, metrics } = this.#parts;
    const tell = (): void => this.#tell();
    if (registry !== undefined) {
      const { replica, catalog } = registry;
      this.#cancels.push(catalog.onChange(tell));
      // Also without a change: from now on it is certain.
      this.#cancels.push(replica.onChange(({ key }) => this.#count(key)));
    }
    for (const { driver } of drivers) this.#cancels.push(reportLink(driver, log, metrics), driver.link.onChange(tell));
    await presence.start();
    await registry?.start();
    for (const { driver } of drivers) connectDriver(driver, log, this.#stopping.signal);
  }

  async stop(): Promise<void> {
    const { registry, presence, drivers } = this.#parts;
    this.#stopping.abort();
    for (const cancel of this.#cancels) cancel();
    this.#cancels = [];
    await presence.stop();
    await registry?.stop();
    await Promise.all(drivers.map(({ driver }) => driver.close()));
  }

  view(): ServerView | undefined {
    const { registry, server } = this.#parts;
    // What was saved is older than the files may be.
    if (registry?.replica.live !== true) return undefined;
    const { catalog } = registry;
    return {
      state: catalog.server(server)?.state,
      services: catalog.exported().filter(({ servers }) => servers.includes(server)),
      exportOf: (namespace) => catalog.namespace(namespace)?.export ?? "disabled",
    };
  }

  doubt(): string | undefined {
    const { registry } = this.#parts;
    if (registry === undefined) return "the backend of this installation keeps no registry";
    if (!registry.replica.live) return registry.notReady()?.reason ?? "the registry was not read since the start";
    return registry.staleSeconds() === undefined ? undefined : "the backend is out of reach";
  }

  onChange(listener: () => void): Cancel {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #count(key: string | undefined): void {
    const { exporterMetrics, registry } = this.#parts;
    if (key === undefined) {
      exporterMetrics.watchEvents.inc({ op: "snapshot" });
      this.#tell();
    } else if (key.startsWith(SERVICE_KEYS)) {
      exporterMetrics.watchEvents.inc({ op: registry?.replica.entries.has(key) === true ? "put" : "delete" });
    }
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
