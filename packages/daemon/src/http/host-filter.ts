import { hostLabelLookup, selectorMatches, type Selector } from "@org/discovery-core";
import type { KnownHost } from "./presence-view.ts";

/** What a list of hosts is filtered by; each list has one item per repetition of the query parameter. */
export interface HostFilter {
  /** Comma separated labels: hosts with at least one of them, showing only those that match. */
  readonly labels: readonly string[];
  /** Comma separated prefixes, in the same way; not looked at where there are labels. */
  readonly prefixes: readonly string[];
  readonly selector: Selector;
}

/** The hosts that pass (lobby, `GET /v1/discoveries`). An empty value filters nothing, as in the original. */
export function filterHosts(hosts: readonly KnownHost[], filter: HostFilter): readonly KnownHost[] {
  const selected = selectHosts(hosts, filter.selector);
  const labels = splitList(filter.labels);
  if (labels !== undefined) return withMatching(selected, (label) => labels.includes(label));
  const prefixes = splitList(filter.prefixes);
  if (prefixes === undefined) return selected;
  return withMatching(selected, (label) => prefixes.some((prefix) => label.startsWith(prefix)));
}

/** The hosts whose labels a selector matches. */
export function selectHosts(hosts: readonly KnownHost[], selector: Selector): readonly KnownHost[] {
  return hosts.filter(({ labels }) => selectorMatches(selector, hostLabelLookup(labels)));
}

/** The items of a comma separated value; `undefined` where the value is empty. Commas alone are a list that nothing is in. */
function splitList(values: readonly string[]): readonly string[] | undefined {
  const text = values.filter((value) => value !== "").join(",");
  if (text === "") return undefined;
  return text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

function withMatching(hosts: readonly KnownHost[], matches: (label: string) => boolean): KnownHost[] {
  return hosts
    .map(({ hostname, labels, lastSeen }) => ({ hostname, labels: labels.filter(matches), lastSeen }))
    .filter(({ labels }) => labels.length > 0);
}
