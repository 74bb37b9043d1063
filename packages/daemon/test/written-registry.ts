import { Catalog, type Clock, Leases, type LeasesOptions, Registry, Replica, type Server } from "@org/discovery-core";
import { LocalDriver, LocalHub } from "@org/discovery-driver-local";
import { onTestFinished } from "vitest";
import type { NotReady } from "../src/http/not-ready.ts";
import type { RegistryView } from "../src/http/registry-view.ts";
import { RecordingLog } from "./recording-log.ts";

export const BY = { actor: "test" };

/** Core's registry on a database in memory, which says of itself what the test wants. */
export class WrittenRegistry implements RegistryView {
  readonly driver: LocalDriver;
  readonly replica: Replica;
  readonly leases: Leases;
  readonly catalog: Catalog;
  readonly registry: Registry;
  readonly audit = undefined;
  whyNotReady: NotReady | undefined;
  stale: number | undefined;

  private constructor(clock: Clock, rules: Pick<LeasesOptions, "guard" | "lingerMs">) {
    const log = new RecordingLog();
    const context = { clock, log, random: Math.random };
    this.driver = new LocalDriver(new LocalHub(":memory:", Math.random), context);
    this.replica = new Replica({ clock, log, store: this.driver.store, settleMs: 0 });
    this.leases = new Leases({ clock, link: this.driver.link, instance: "test", ...rules });
    this.catalog = new Catalog({ replica: this.replica, leases: this.leases });
    this.registry = new Registry({ clock, replica: this.replica, catalog: this.catalog, leases: this.leases });
  }

  /** One that has read its store. */
  static async start(clock: Clock, rules: Pick<LeasesOptions, "guard" | "lingerMs"> = {}): Promise<WrittenRegistry> {
    const started = new WrittenRegistry(clock, rules);
    onTestFinished(async () => {
      started.catalog.stop();
      started.replica.stop();
      await started.driver.close();
    });
    await started.replica.start();
    await started.driver.start();
    return started;
  }

  notReady(): NotReady | undefined {
    return this.whyNotReady;
  }

  staleSeconds(): number | undefined {
    return this.stale;
  }

  refillFailure(): Error | undefined {
    return this.replica.refillFailure;
  }

  problems(): ReturnType<Catalog["problems"]> {
    return this.catalog.problems();
  }

  addServer(name: string, labels: Record<string, string> = {}): Promise<Server> {
    return this.registry.registerServer({ name, labels }, BY);
  }

  /** Registers a service named `s`, which may be one with a TTL in seconds. */
  async addService(
    endpoint: string,
    more: { labels?: Record<string, string>; namespace?: string; ttlSeconds?: number } = {},
  ): Promise<void> {
    await this.registry.registerService({ name: "s", endpoint, ...more }, BY);
  }
}
