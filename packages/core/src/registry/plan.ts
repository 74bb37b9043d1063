import { compareBytes } from "../byte-order.ts";
import { DiscoveryError } from "../error.ts";
import { Assignment } from "./assignment.ts";
import type { AssignedService, Catalog } from "./catalog.ts";
import { invalidArgument, quoted } from "./invalid-argument.ts";
import { makeServer, type Server, type ServerInput } from "./server.ts";

/** A change of servers to think through. */
export interface PlannedChange {
  /** Servers to register, at most 100; one that exists gets these labels and this weight. */
  readonly add?: readonly ServerInput[];
  /** Names of servers to unregister. */
  readonly remove?: readonly string[];
  /** Names of servers to drain. */
  readonly drain?: readonly string[];
  /** How many servers each service would get, at least 1. Default: as many as now. */
  readonly replicas?: number;
}

/** A service that changes servers. */
export interface Move {
  readonly service: AssignedService;
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** How many services a server has. */
export interface ServerLoad {
  readonly name: string;
  readonly before: number;
  readonly after: number;
}

/** What a change of servers would do. */
export interface Plan {
  /** Services that are served. */
  readonly services: number;
  /** Those among them that would change servers, by endpoint. */
  readonly moves: readonly Move[];
  /** Services that would have no server at all. */
  readonly unassigned: number;
  /** Every server before or after, by name. */
  readonly servers: readonly ServerLoad[];
}

/** Every service is tried on every server, while nobody else is answered. */
const MAX_ADDED = 100;

/**
 * Which services would move, without moving them. Throws `not_found` for a server to remove or drain that there is not,
 * `invalid_argument` for one to add, or a number of replicas, that cannot be, and for more than 100 servers to add.
 */
export function planChange(catalog: Catalog, change: PlannedChange): Plan {
  const before = catalog.assignment;
  const { strategy, replicas } = before;
  const after = new Assignment(changedServers(catalog, change), { strategy, replicas: change.replicas ?? replicas });
  const services = catalog.services();
  const all = services.map((service) => ({ service, from: service.servers, to: after.serversOf(service) }));
  const [loadBefore, loadAfter] = [loads(all.map(({ from }) => from)), loads(all.map(({ to }) => to))];
  const names = new Set([...before.servers, ...after.servers].map(({ name }) => name));
  return {
    services: services.length,
    moves: all.filter(isMove),
    unassigned: all.filter(({ to }) => to.length === 0).length,
    servers: [...names].toSorted(compareBytes).map((name) => ({
      name,
      before: loadBefore.get(name) ?? 0,
      after: loadAfter.get(name) ?? 0,
    })),
  };
}

/** The services whose servers two assignments do not agree on. */
export function moves(services: readonly AssignedService[], before: Assignment, after: Assignment): Move[] {
  if (before === after) return [];
  return services
    .map((service) => ({ service, from: before.serversOf(service), to: after.serversOf(service) }))
    .filter(isMove);
}

function isMove({ from, to }: Move): boolean {
  return from.length !== to.length || from.some((name, index) => name !== to[index]);
}

function changedServers(catalog: Catalog, { add = [], remove = [], drain = [] }: PlannedChange): Iterable<Server> {
  if (add.length > MAX_ADDED) throw invalidArgument("servers to add", add.length, `at most ${MAX_ADDED}`);
  const servers = new Map(catalog.servers().map((server) => [server.name, server]));
  for (const name of remove) {
    existing(servers, name);
    servers.delete(name);
  }
  for (const input of add) {
    const state = servers.get(input.name)?.state ?? "active";
    servers.set(input.name, { ...makeServer(input, 0), state });
  }
  for (const name of drain) servers.set(name, { ...existing(servers, name), state: "leaving" });
  return servers.values();
}

function existing(servers: ReadonlyMap<string, Server>, name: string): Server {
  const server = servers.get(name);
  if (server !== undefined) return server;
  throw new DiscoveryError("not_found", `server ${quoted(name)}: there is no such server`);
}

function loads(assigned: readonly (readonly string[])[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of assigned.flat()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
