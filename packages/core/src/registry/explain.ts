import { recordLookup } from "../selector/label-lookup.ts";
import { formatRequirement, requirementMatches } from "../selector/requirement.ts";
import { parseSelector } from "../selector/selector.ts";
import type { TargetGroup } from "../target-group.ts";
import type { AssignmentStrategy } from "./assignment.ts";
import type { AssignedService, Catalog } from "./catalog.ts";
import type { ExportConfig } from "./export-config.ts";
import type { Lease, LeaseStatus } from "./leases.ts";
import type { Server } from "./server.ts";
import { serviceTargetGroups } from "./service-target-groups.ts";

/** What a server has to do with a service. */
export interface ServerExplanation {
  readonly name: string;
  readonly state: Server["state"];
  /** Requirements of the selector that its labels do not meet; none where it matches. */
  readonly unmet: readonly string[];
  /** Its place among the servers that could get the service, from 1; absent where it could not. */
  readonly rank?: number;
  /** Whether it scrapes the service. */
  readonly assigned: boolean;
}

/** A target list in which a service stands, as `GET /v1/sd/{server}/{namespace}` gives it. */
export interface ListExplanation {
  readonly server: string;
  readonly namespace: string;
  readonly group: TargetGroup;
}

/** Why a service is, or is not, scraped by whom. */
export interface ServiceExplanation {
  readonly service: AssignedService;
  /** Its namespace's export config; absent where there is no such namespace. */
  readonly export?: ExportConfig;
  /** Absent for a service without a TTL. */
  readonly lease?: Lease;
  readonly strategy: AssignmentStrategy;
  readonly replicas: number;
  /** All servers, by name. */
  readonly servers: readonly ServerExplanation[];
  readonly lists: readonly ListExplanation[];
  /** Why it is in no list, in words; empty where it is in one. */
  readonly reasons: readonly string[];
}

/** Explains every service that has this endpoint, or this id, whether served or not; none where nothing has. */
export function explainService(catalog: Catalog, endpointOrId: string): ServiceExplanation[] {
  const services = endpointOrId.includes(":")
    ? catalog.servicesAt(endpointOrId)
    : catalog.stored().filter(({ id }) => id === endpointOrId);
  return services.map((service) => explainOne(catalog, service));
}

function explainOne(catalog: Catalog, service: AssignedService): ServiceExplanation {
  const namespace = catalog.namespace(service.namespace);
  const lease = catalog.lease(service);
  const status = catalog.leaseStatus(service);
  const servers = explainServers(catalog, service);
  const reasons = findReasons({
    service,
    lease: status === "expired" ? lease : undefined,
    config: namespace?.export,
    servers,
  });
  const { strategy, replicas } = catalog.assignment;
  return {
    service,
    ...(namespace === undefined ? {} : { export: namespace.export }),
    ...(lease === undefined ? {} : { lease }),
    strategy,
    replicas,
    servers,
    lists: reasons.length > 0 ? [] : explainLists({ service, status }, namespace?.export ?? "disabled"),
    reasons,
  };
}

function explainServers({ assignment }: Catalog, service: AssignedService): ServerExplanation[] {
  const ranks = new Map(assignment.ranking(service).map(({ name }, index) => [name, index + 1]));
  const { requirements } = parseSelector(service.selector);
  return assignment.servers.map(({ name, state, labels }) => {
    const rank = ranks.get(name);
    const unmet = requirements.filter((requirement) => !requirementMatches(requirement, recordLookup(labels)));
    const assigned = service.servers.includes(name);
    const explained = { name, state, unmet: unmet.map(formatRequirement), assigned };
    return rank === undefined ? explained : { ...explained, rank };
  });
}

interface Standing {
  readonly service: AssignedService;
  readonly status: LeaseStatus | undefined;
}

function explainLists({ service, status }: Standing, config: ExportConfig): ListExplanation[] {
  const shown = status === "held" || status === "lingering" ? { ...service, status } : service;
  const [group] = serviceTargetGroups([shown], config).groups;
  if (group === undefined) return [];
  return service.servers.map((server) => ({ server, namespace: service.namespace, group }));
}

interface Facts {
  readonly service: AssignedService;
  /** Where it is what keeps the service out. */
  readonly lease: Lease | undefined;
  readonly config: ExportConfig | undefined;
  readonly servers: readonly ServerExplanation[];
}

function findReasons({ service, lease, config, servers }: Facts): string[] {
  const reasons: string[] = [];
  if (config === undefined) reasons.push(`there is no namespace ${service.namespace}`);
  if (config === "disabled") reasons.push(`namespace ${service.namespace} is not exported`);
  if (lease !== undefined) {
    reasons.push(
      `its lease expired: not renewed for ${Math.floor(lease.ageMs / 1000)} s, its ttl is ${lease.ttlSeconds} s`,
    );
  }
  const matching = servers.filter(({ unmet }) => unmet.length === 0);
  if (matching.length === 0) reasons.push(`no server matches its selector ${JSON.stringify(service.selector)}`);
  else if (service.servers.length === 0) {
    reasons.push(`every server that matches is leaving: ${matching.map(({ name }) => name).join(", ")}`);
  }
  return reasons;
}
