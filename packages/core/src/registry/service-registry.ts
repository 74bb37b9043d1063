import type { Revision } from "../driver/store.ts";
import { DiscoveryError } from "../error.ts";
import { auditChange } from "./audit-change.ts";
import type { Change } from "./change.ts";
import { invalidArgument, quoted } from "./invalid-argument.ts";
import { DEFAULT_NAMESPACE } from "./namespace.ts";
import { checkLive, existingNamespace, type RegistryContext } from "./registry-context.ts";
import { checkName } from "./registry-name.ts";
import { isServiceId, serviceId } from "./service-id.ts";
import { makeService, serviceFormat, serviceKey, type Service, type ServiceInput } from "./service.ts";

/** Names one service. */
export interface ServiceReference {
  /** Default: `default`. */
  readonly namespace?: string;
  /** Its id, or its endpoint: anything with a colon is one. */
  readonly service: string;
}

/** The commands on services; see `Registry`. */
export class ServiceRegistry {
  readonly #context: RegistryContext;

  constructor(context: RegistryContext) {
    this.#context = context;
  }

  async register(input: ServiceInput, change: Change): Promise<Service> {
    const { clock, catalog, writer, audit } = this.#context;
    const service = makeService(input, clock.now());
    checkLive(this.#context);
    existingNamespace(this.#context, service.namespace);
    if (catalog.assignment.matching(service.selector).length === 0) {
      throw new DiscoveryError("not_found", `selector ${quoted(service.selector)}: no registered server matches it`);
    }
    const { revision, before, after } = await writer.put(serviceFormat, serviceKey(service), () => {
      existingNamespace(this.#context, service.namespace);
      return service;
    });
    await this.#undoWithoutNamespace(service, revision);
    auditChange(audit, { kind: "service", before, after, change });
    return after;
  }

  async unregister(reference: ServiceReference, change: Change): Promise<void> {
    const key = keyOf(reference);
    checkLive(this.#context);
    const removed = await this.#context.writer.remove(serviceFormat, key);
    if (removed === undefined) throw noService(reference);
    auditChange(this.#context.audit, { kind: "service", before: removed.before, change });
  }

  renew(reference: ServiceReference): Service {
    const key = keyOf(reference);
    const service = this.#context.catalog.serviceAt(key);
    if (service === undefined) throw noService(reference);
    if (this.#context.leases?.renew(key) === true) return service;
    throw invalidArgument("service", reference.service, "one that was registered with a ttl");
  }

  async removeExpired(key: string): Promise<boolean> {
    const { catalog, leases, replica, audit, writer } = this.#context;
    const service = catalog.serviceAt(key);
    const revision = replica.entries.get(key)?.revision;
    if (service === undefined || revision === undefined || leases?.statusOf(key) !== "expired") return false;
    const { servers, ...before } = service;
    if (!(await writer.removeAt(key, revision))) return false;
    const detail = `not renewed for twice its ttl of ${service.ttlSeconds ?? 0} s; was on ${servers.join(", ") || "none"}`;
    auditChange(audit, { kind: "service", before, change: { actor: "discoveryd" }, action: "lease expired", detail });
    return true;
  }

  /** The namespace may have gone while the service was written: the replica that shows the one shows the other. */
  async #undoWithoutNamespace(service: Service, revision: Revision): Promise<void> {
    try {
      existingNamespace(this.#context, service.namespace);
    } catch (error) {
      await this.#context.writer.removeAt(serviceKey(service), revision);
      throw error;
    }
  }
}

function keyOf({ namespace = DEFAULT_NAMESPACE.name, service }: ServiceReference): string {
  checkName("namespace", namespace);
  if (service.includes(":")) return serviceKey({ namespace, id: serviceId(service) });
  if (!isServiceId(service)) throw invalidArgument("service", service, "an id (UUID in lower case) or an endpoint URL");
  return serviceKey({ namespace, id: service });
}

function noService({ namespace = DEFAULT_NAMESPACE.name, service }: ServiceReference): DiscoveryError {
  const message = `service ${quoted(service)}: there is no such service in namespace ${quoted(namespace)}`;
  return new DiscoveryError("not_found", message);
}
