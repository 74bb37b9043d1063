import { compareBytes } from "../byte-order.ts";
import type { Cancel } from "../clock.ts";
import type { Revision } from "../driver/store.ts";
import { Assignment, type AssignmentRule } from "./assignment.ts";
import { CatalogIndex, type RecordKind } from "./catalog-index.ts";
import type { ListedService } from "./lease-departures.ts";
import type { Lease, Leases, LeaseStatus } from "./leases.ts";
import { DEFAULT_NAMESPACE, type Namespace } from "./namespace.ts";
import type { Problem } from "./record-format.ts";
import type { Replica } from "./replica.ts";
import type { Server } from "./server.ts";
import { serviceKey, type Service } from "./service.ts";

export interface CatalogOptions {
  readonly replica: Pick<Replica, "entries" | "revision" | "onChange">;
  /** Default: rendezvous, one replica. */
  readonly assignment?: AssignmentRule;
  /** Without it no lease expires. */
  readonly leases?: Leases;
}

/** A service with the names of the servers that scrape it, in byte order. */
export interface AssignedService extends Service {
  readonly servers: readonly string[];
}

/** A service that is exported to Prometheus. */
export interface ExportedService extends AssignedService {
  /** Nobody renews it, and it is exported all the same. Absent for all others. */
  readonly status?: "held" | "lingering";
}

/**
 * The registry as it reads: a view over the replica, kept up to date one key at a time. Every read is answered from memory, and
 * what is derived is computed once for each version.
 */
export class Catalog {
  readonly #options: CatalogOptions;
  readonly #index = new CatalogIndex();
  readonly #listeners = new Set<() => void>();
  readonly #cancels: readonly Cancel[];
  #version = 0;
  #assignment: Assignment;
  #assigned = new WeakMap<Service, AssignedService>();
  #served: { readonly version: number; readonly services: readonly AssignedService[] } | undefined;

  /** Throws `invalid_argument` for an assignment rule that cannot be. */
  constructor(options: CatalogOptions) {
    this.#options = options;
    const { replica, leases } = options;
    this.#index.setAll(replica.entries);
    this.#assignment = this.#assign();
    this.#followLeases(undefined);
    leases?.guardServices(() => this.#listed());
    this.#cancels = [
      replica.onChange(({ key }) => this.#onChange(key)),
      ...(leases === undefined ? [] : [leases.onChange(() => this.#next())]),
    ];
  }

  /** Stops following the replica. */
  stop(): void {
    for (const cancel of this.#cancels) cancel();
  }

  /** Rises whenever an answer of this catalog may have changed. Counts on this daemon only. */
  get version(): number {
    return this.#version;
  }

  /** The store's revision that is shown. Rises with writes that are not the catalog's, too. */
  get revision(): Revision {
    return this.#options.replica.revision;
  }

  /** The assignment of the servers as they are. */
  get assignment(): Assignment {
    return this.#assignment;
  }

  /** The rule by which services are assigned, to try it on other servers. */
  get assignmentRule(): AssignmentRule {
    return this.#options.assignment ?? {};
  }

  /** Values of the store that could not be read and are left alone, by key. */
  problems(): readonly Problem[] {
    return [...this.#index.problems.values()].toSorted((left, right) => compareBytes(left.key, right.key));
  }

  /** All namespaces by name; `default` is always among them. */
  namespaces(): readonly Namespace[] {
    const all = new Map([[DEFAULT_NAMESPACE.name, DEFAULT_NAMESPACE], ...this.#index.namespaces]);
    return [...all.values()].toSorted((left, right) => compareBytes(left.name, right.name));
  }

  namespace(name: string): Namespace | undefined {
    return this.#index.namespaces.get(name) ?? (name === DEFAULT_NAMESPACE.name ? DEFAULT_NAMESPACE : undefined);
  }

  /** All servers by name. */
  servers(): readonly Server[] {
    return this.#assignment.servers;
  }

  server(name: string): Server | undefined {
    return this.#index.servers.get(name);
  }

  /** The services that are served, by endpoint, then by namespace. */
  services(): readonly AssignedService[] {
    if (this.#served?.version !== this.#version) {
      const services = [...this.#index.services.values()].filter((service) => this.isServed(service));
      this.#served = { version: this.#version, services: this.#sorted(services) };
    }
    return this.#served.services;
  }

  /** The services of a namespace that are served, by endpoint; none where there is no such namespace. */
  servicesIn(namespace: string): readonly AssignedService[] {
    return this.services().filter((service) => service.namespace === namespace);
  }

  /** The services that are served, and those that linger, by endpoint, then by namespace: what Prometheus is told. */
  exported(): readonly ExportedService[] {
    const kept = this.#options.leases?.kept;
    if (kept === undefined || kept.size === 0) return this.services();
    const lingering = [...kept]
      .filter(([, status]) => status === "lingering")
      .flatMap(([key]) => this.serviceAt(key) ?? []);
    const known = lingering.filter(({ namespace }) => this.namespace(namespace) !== undefined);
    return [...this.services(), ...known].toSorted(byEndpoint).map((service) => {
      const status = kept.get(serviceKey(service));
      return status === undefined ? service : { ...service, status };
    });
  }

  /** All services that are stored, also those that are not served: without a namespace, or with an expired lease. */
  stored(): readonly AssignedService[] {
    return this.#sorted(this.#index.services.values());
  }

  /** The services stored in a namespace, also where there is no such namespace. */
  storedIn(namespace: string): readonly AssignedService[] {
    return this.#sorted(this.#index.members.get(namespace)?.values() ?? []);
  }

  /** A stored service, served or not. */
  service(namespace: string, id: string): AssignedService | undefined {
    return this.serviceAt(serviceKey({ namespace, id }));
  }

  /** The service at a key of the store, served or not. */
  serviceAt(key: string): AssignedService | undefined {
    const service = this.#index.services.get(key);
    return service === undefined ? undefined : this.#assignedOf(service);
  }

  /** The services stored with this endpoint, by namespace. */
  servicesAt(endpoint: string): readonly AssignedService[] {
    return this.#sorted(this.#index.endpoints.get(endpoint)?.values() ?? []);
  }

  /** Whether a stored service is served: its namespace exists and its lease has not expired. */
  isServed(service: Pick<Service, "namespace" | "id">): boolean {
    const isExpired = this.#options.leases?.isExpired(serviceKey(service)) ?? false;
    return !isExpired && this.namespace(service.namespace) !== undefined;
  }

  /** The lease of a stored service; `undefined` for one that was registered without a TTL. */
  lease(service: Pick<Service, "namespace" | "id">): Lease | undefined {
    return this.#options.leases?.get(serviceKey(service));
  }

  /** How the lease of a stored service stands; `undefined` for one that was registered without a TTL. */
  leaseStatus(service: Pick<Service, "namespace" | "id">): LeaseStatus | undefined {
    return this.#options.leases?.statusOf(serviceKey(service));
  }

  /** Calls `listener` after each change of `version`. */
  onChange(listener: () => void): Cancel {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #onChange(key: string | undefined): void {
    const { entries } = this.#options.replica;
    const kinds = key === undefined ? this.#index.setAll(entries) : new Set([this.#index.set(key, entries.get(key))]);
    this.#followLeases(key);
    if (this.#take(kinds)) this.#next();
  }

  /** Whether the view has changed. */
  #take(kinds: ReadonlySet<RecordKind | undefined>): boolean {
    if (kinds.has("server")) this.#assignment = this.#assign();
    return kinds.has("server") || kinds.has("service") || kinds.has("namespace");
  }

  #assign(): Assignment {
    this.#assigned = new WeakMap();
    return new Assignment(this.#index.servers.values(), this.#options.assignment);
  }

  #followLeases(key: string | undefined): void {
    const { leases } = this.#options;
    if (leases === undefined) return;
    const keys = key === undefined ? new Set([...leases.keys(), ...this.#index.services.keys()]) : [key];
    for (const each of keys) this.#lease(each, this.#index.services.get(each));
  }

  #lease(key: string, service: Service | undefined): void {
    const { leases, replica } = this.#options;
    const revision = replica.entries.get(key)?.revision;
    if (service?.ttlSeconds === undefined || revision === undefined) leases?.release(key);
    else leases?.hold(key, service.ttlSeconds, revision);
  }

  /** What is served, by the lists that it stands in: one for each server and namespace. */
  #listed(): ListedService[] {
    return this.services().map((service) => ({
      key: serviceKey(service),
      lists: service.servers.map((server) => `${service.namespace} ${server}`),
    }));
  }

  #sorted(services: Iterable<Service>): AssignedService[] {
    return Array.from(services, (service) => this.#assignedOf(service)).toSorted(byEndpoint);
  }

  #assignedOf(service: Service): AssignedService {
    const known = this.#assigned.get(service);
    if (known !== undefined) return known;
    const assigned = { ...service, servers: this.#assignment.serversOf(service) };
    this.#assigned.set(service, assigned);
    return assigned;
  }

  #next(): void {
    this.#version += 1;
    for (const listener of this.#listeners) listener();
  }
}

function byEndpoint(left: Service, right: Service): number {
  return compareBytes(left.endpoint, right.endpoint) || compareBytes(left.namespace, right.namespace);
}
