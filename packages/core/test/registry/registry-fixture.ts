import { LinkMonitor } from "../../src/driver/link.ts";
import type { Store } from "../../src/driver/store.ts";
import type { Log } from "../../src/log.ts";
import type { AssignmentRule } from "../../src/registry/assignment.ts";
import { Audit } from "../../src/registry/audit.ts";
import { Catalog } from "../../src/registry/catalog.ts";
import type { Change } from "../../src/registry/change.ts";
import type { LeaseDepartureRules } from "../../src/registry/lease-departures.ts";
import { Leases } from "../../src/registry/leases.ts";
import { Registry } from "../../src/registry/registry.ts";
import { Replica } from "../../src/registry/replica.ts";
import { VirtualClock } from "../../src/virtual-clock.ts";
import { MemoryBackend } from "./memory-backend.ts";

export const BY: Change = { actor: "test" };

const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** The registry's part of one daemon. */
export interface RegistryDaemon {
  readonly clock: VirtualClock;
  readonly link: LinkMonitor;
  readonly replica: Replica;
  readonly catalog: Catalog;
  readonly leases: Leases;
  readonly audit: Audit;
  readonly registry: Registry;
}

export interface DaemonSetting {
  readonly backend?: MemoryBackend;
  /** Default: a connection to the backend. */
  readonly store?: Store;
  readonly clock?: VirtualClock;
  readonly assignment?: AssignmentRule;
  readonly auditLimit?: number;
  readonly instance?: string;
  readonly log?: Log;
  readonly departures?: LeaseDepartureRules;
}

/** A daemon that has started to follow the backend; `clock.advance` lets it see it. */
export async function newDaemon(setting: DaemonSetting = {}): Promise<RegistryDaemon> {
  const { backend = new MemoryBackend(), clock = new VirtualClock(), assignment = {}, log = SILENT } = setting;
  const link = new LinkMonitor(clock, Number.POSITIVE_INFINITY);
  link.proved();
  const replica = new Replica({ clock, log, store: setting.store ?? backend.connect(), settleMs: 0 });
  const leases = new Leases({ clock, link, instance: setting.instance ?? "one", ...setting.departures });
  const catalog = new Catalog({ replica, leases, assignment });
  let seed = 1;
  const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  const audit = new Audit({ clock, log, replica, random, limit: setting.auditLimit ?? 1000 });
  const registry = new Registry({ clock, replica, catalog, audit, leases });
  await replica.start();
  return { clock, link, replica, catalog, leases, audit, registry };
}

/** A daemon that has seen its backend. */
export async function liveDaemon(setting: DaemonSetting = {}): Promise<RegistryDaemon> {
  const daemon = await newDaemon(setting);
  await daemon.clock.advance(0);
  return daemon;
}
