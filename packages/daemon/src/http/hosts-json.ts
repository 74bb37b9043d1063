import type { KnownHost } from "./presence-view.ts";

/** lobby's JSON shape of a host. */
export interface Discovery {
  readonly hostname: string;
  readonly labels: readonly string[];
  /** Whole Unix seconds; 0 for a packet that nobody has received. */
  readonly last_check: number;
}

/** A host in lobby's shape. */
export function toDiscovery({ hostname, labels, lastSeen }: KnownHost): Discovery {
  return { hostname, labels, last_check: Math.floor(lastSeen) };
}

/** All hosts as a JSON array in lobby's shape, `[]` for none: what `GET /` answers and the callback reads. */
export function renderHosts(hosts: readonly KnownHost[]): string {
  return JSON.stringify(hosts.map(toDiscovery));
}
