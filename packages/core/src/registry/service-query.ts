import { compareBytes } from "../byte-order.ts";
import { recordLookup } from "../selector/label-lookup.ts";
import { selectorMatches, type Selector } from "../selector/selector.ts";
import type { AssignedService, Catalog } from "./catalog.ts";

/** Which services to list. All conditions must hold; without any, every service that is served. */
export interface ServiceQuery {
  readonly namespace?: string;
  /** On the service's labels. */
  readonly selector?: Selector;
  readonly name?: (name: string) => boolean;
  readonly endpoint?: (endpoint: string) => boolean;
  /** Holds if it does for one of the service's servers. */
  readonly server?: (name: string) => boolean;
  /** Also services that are stored but not served: without a namespace, or with an expired lease. Default: false. */
  readonly unserved?: boolean;
  /** `date`: by last registration, the oldest first. Default: `endpoint`. */
  readonly sort?: "endpoint" | "date" | "name";
}

/** The services that a query asks for, in a stable order. */
export function queryServices(catalog: Catalog, query: ServiceQuery = {}): readonly AssignedService[] {
  const found = pool(catalog, query).filter((service) => matches(service, query));
  // The pool is sorted by endpoint, and sorting is stable.
  if (query.sort === "date") return found.toSorted((left, right) => left.modified - right.modified);
  return query.sort === "name" ? found.toSorted((left, right) => compareBytes(left.name, right.name)) : found;
}

function pool(catalog: Catalog, { namespace, unserved = false }: ServiceQuery): readonly AssignedService[] {
  if (namespace === undefined) return unserved ? catalog.stored() : catalog.services();
  return unserved ? catalog.storedIn(namespace) : catalog.servicesIn(namespace);
}

function matches(service: AssignedService, { selector, name, endpoint, server }: ServiceQuery): boolean {
  if (name !== undefined && !name(service.name)) return false;
  if (endpoint !== undefined && !endpoint(service.endpoint)) return false;
  if (server !== undefined && !service.servers.some(server)) return false;
  return selector === undefined || selectorMatches(selector, recordLookup(service.labels));
}
