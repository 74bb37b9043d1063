import type { Clock } from "../clock.ts";
import { DiscoveryError } from "../error.ts";
import type { Audit } from "./audit.ts";
import type { Catalog } from "./catalog.ts";
import type { Change } from "./change.ts";
import type { Leases } from "./leases.ts";
import { NamespaceRegistry } from "./namespace-registry.ts";
import type { Namespace, NamespaceInput } from "./namespace.ts";
import type { RegistryContext } from "./registry-context.ts";
import { planRestore, restoreBackup, type RestoreOptions, type RestorePlan } from "./restore.ts";
import type { Backup } from "./backup.ts";
import { RecordWriter } from "./record-writer.ts";
import type { Replica } from "./replica.ts";
import { ServerRegistry } from "./server-registry.ts";
import type { Server, ServerInput } from "./server.ts";
import { ServiceRegistry, type ServiceReference } from "./service-registry.ts";
import type { Service, ServiceInput } from "./service.ts";
import { wipeRegistry, type Wiped } from "./wipe.ts";

export interface RegistryOptions {
  readonly clock: Clock;
  readonly replica: Replica;
  /** Over the same replica. */
  readonly catalog: Catalog;
  /** Without it no history is kept. */
  readonly audit?: Audit;
  /** The same that the catalog follows. Without it nothing has a lease. */
  readonly leases?: Leases;
}

/**
 * The commands that change the registry. Each resolves when the backend has the change and this daemon's catalog shows it.
 *
 * There is no transaction: every change is one key, compare-and-set, and one that loses a race is made again on top of what won.
 * All fail with `invalid_argument` for what cannot be, `not_found` for what is not there, `unavailable` while the backend is away
 * or was never read, `outcome_unknown` where it was lost before it answered, and `revision_conflict` after many lost races, or
 * where the store holds a value that this daemon cannot read.
 */
export class Registry {
  readonly #context: RegistryContext;
  readonly #namespaces: NamespaceRegistry;
  readonly #servers: ServerRegistry;
  readonly #services: ServiceRegistry;

  constructor({ clock, replica, catalog, audit, leases }: RegistryOptions) {
    const context = { clock, replica, catalog, audit, leases, writer: new RecordWriter(clock, replica) };
    this.#context = context;
    this.#namespaces = new NamespaceRegistry(context);
    this.#servers = new ServerRegistry(context);
    this.#services = new ServiceRegistry(context);
  }

  /** Registers a namespace, or gives the one of that name another export config. */
  registerNamespace(input: NamespaceInput, change: Change): Promise<Namespace> {
    return this.#namespaces.register(input, change);
  }

  /**
   * Removes a namespace and its services, its own only. They go first: cut off half-way, it leaves fewer of them and can be done
   * again. `default` loses its services and what was registered about it, and still exists.
   */
  unregisterNamespace(name: string, change: Change): Promise<void> {
    return this.#namespaces.unregister(name, change);
  }

  /** Registers an active server, or gives the one of that name other labels and another weight; its state then stays. */
  registerServer(input: ServerInput, change: Change): Promise<Server> {
    return this.#servers.register(input, change);
  }

  /** Removes a server; its services go to others that match. */
  unregisterServer(name: string, change: Change): Promise<void> {
    return this.#servers.unregister(name, change);
  }

  /** Makes a server `leaving`: its services go to others that match, and it stays listed. */
  drainServer(name: string, change: Change): Promise<Server> {
    return this.#servers.drain(name, change);
  }

  /** Makes a server `active`. */
  activateServer(name: string, change: Change): Promise<Server> {
    return this.#servers.activate(name, change);
  }

  /**
   * Registers a service, or updates the one with that namespace and endpoint, and renews its lease. `not_found`, and nothing
   * stored, where the namespace does not exist or the selector matches no server (one that is leaving counts).
   */
  registerService(input: ServiceInput, change: Change): Promise<Service> {
    return this.#services.register(input, change);
  }

  /** Removes a service. */
  unregisterService(reference: ServiceReference, change: Change): Promise<void> {
    return this.#services.unregister(reference, change);
  }

  /**
   * Renews the lease of a service, here and now; `Leases.takeRenewals` hands it on to the other daemons. Throws `not_found` where
   * there is no such service, `invalid_argument` where it was registered without a TTL.
   */
  renewService(reference: ServiceReference): Service {
    return this.#services.renew(reference);
  }

  /** What restoring a backup would do, without doing it. */
  planRestore(backup: Backup, options?: RestoreOptions): RestorePlan {
    return planRestore(this.#context, backup, options);
  }

  /**
   * Puts a backup back, key by key. Readers see the change grow; one that is cut off can be done again. A service restored with a
   * TTL begins a new lease.
   */
  restore(backup: Backup, change: Change, options?: RestoreOptions): Promise<RestorePlan> {
    return restoreBackup(this.#context, backup, { ...options, change });
  }

  /**
   * Removes everything on purpose, the history and what this daemon cannot read included: the backend begins a new epoch of origin
   * `wiped`, which empties every daemon's replica. There is no way back but a backup.
   */
  wipe(change: Change): Promise<Wiped> {
    return wipeRegistry(this.#context, change);
  }

  /** Removes a service whose lease has expired, by store key. False where it was renewed, registered again or removed. */
  removeExpired(key: string): Promise<boolean> {
    return this.#services.removeExpired(key);
  }
}

/** The registry, where there is one. Throws `unimplemented` on a backend that keeps nothing. */
export function requireRegistry<Part>(registry: Part | undefined): Part {
  if (registry !== undefined) return registry;
  throw new DiscoveryError(
    "unimplemented",
    "the backend of this installation keeps no registry; choose a driver that has a store",
  );
}
