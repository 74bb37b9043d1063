import type { HostChange } from "@org/discovery-core";
import type { KnownHost } from "../http/presence-view.ts";

/** Why a host is not there any more. */
export type Departure = "left" | "expired";

/**
 * What makes one list of hosts into the other, sorted by hostname, one change per host: `joined`, `changed` (its labels), or the
 * departure. What came and went, or changed and changed back, is none.
 *
 * @param departures why those that are missing went; `left` where it does not say.
 */
export function hostChanges(
  before: ReadonlyMap<string, KnownHost>,
  after: readonly KnownHost[],
  departures: ReadonlyMap<string, Departure>,
): readonly HostChange[] {
  const changes: HostChange[] = [];
  for (const host of after) {
    const old = before.get(host.hostname);
    if (old === undefined) changes.push({ hostname: host.hostname, reason: "joined" });
    else if (!hasSameLabels(old, host)) changes.push({ hostname: host.hostname, reason: "changed" });
  }
  const present = new Set(after.map(({ hostname }) => hostname));
  for (const hostname of before.keys()) {
    if (!present.has(hostname)) changes.push({ hostname, reason: departures.get(hostname) ?? "left" });
  }
  return changes.toSorted((left, right) => (left.hostname < right.hostname ? -1 : 1));
}

/** Labels are sorted and without duplicates. */
function hasSameLabels(left: KnownHost, right: KnownHost): boolean {
  return left.labels.length === right.labels.length && left.labels.every((label, at) => label === right.labels[at]);
}
