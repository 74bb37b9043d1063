import { hostTargetGroups, lobbyListNames, lobbyTargetGroups, type TargetGroup } from "@org/discovery-core";
import { lobbyListPath } from "./lobby-list-path.ts";
import type { KnownHost } from "./presence-view.ts";

/** A list that a host stands in. */
export interface HostListing {
  /** Of the route that has the list. */
  readonly path: string;
  readonly group: TargetGroup;
}

/** The lists for Prometheus that a host stands in by its labels, `/v1/sd/hosts` last. */
export function hostListings(host: KnownHost, defaultPort: number): HostListing[] {
  const named = lobbyListNames(host.labels).flatMap((name) =>
    lobbyTargetGroups([host], name, defaultPort).groups.map((group) => ({
      path: lobbyListPath(name),
      group,
    })),
  );
  return [...named, ...hostTargetGroups([host]).groups.map((group) => ({ path: "/v1/sd/hosts", group }))];
}
