import { DiscoveryError } from "./error.ts";
import { hostLabelLookup, normalizeLabels, splitHostLabel, type LabelledHost } from "./host-label.ts";
import { hostStatusLabels } from "./host-status-labels.ts";
import { hostPort, isPort } from "./host-port.ts";
import { sanitizeLabelName } from "./prometheus-label.ts";
import { selectorMatches, type Selector } from "./selector/selector.ts";
import {
  labelRecord,
  sortTargetGroups,
  type HostTargetGroups,
  type Omission,
  type TargetGroup,
} from "./target-group.ts";

export interface HostTargetGroupsOptions {
  /** Only hosts that it matches; without it all. */
  readonly selector?: Selector;
  /** Port of every target whose hostname carries none, 1 to 65535; without it hostnames stand as they are. */
  readonly port?: number;
}

const HOSTNAME_LABEL = "__meta_discovery_hostname";
const LABEL_PREFIX = "__meta_discovery_label_";

/**
 * `GET /v1/sd/hosts`: one group for each host, to be relabelled in Prometheus. `__meta_discovery_hostname` holds the
 * hostname, `__meta_discovery_label_<key>` what stands behind the key's colon: `smtp` for `service:smtp`.
 *
 * - Several values of one key, or of keys that are one label name (`a-b`, `a.b`), are joined by commas in byte order: `imap,smtp`.
 * - A label without a colon has the value `true`, for Prometheus takes an empty value as no label at all. So `key:` gives none.
 * - A host whose name cannot be a target, and a label that is not valid Unicode, is left out and reported.
 *
 * Throws `invalid_argument` if the port is not 1 to 65535.
 */
export function hostTargetGroups(
  hosts: Iterable<LabelledHost>,
  { selector, port }: HostTargetGroupsOptions = {},
): HostTargetGroups {
  if (port !== undefined && !isPort(port)) {
    throw new DiscoveryError("invalid_argument", `port ${port}: expected 1 to 65535`);
  }
  const groups: TargetGroup[] = [];
  const omissions: Omission[] = [];
  for (const host of hosts) {
    if (selector !== undefined && !selectorMatches(selector, hostLabelLookup(host.labels))) continue;
    const target = hostPort(host.hostname, port);
    if (target === undefined) {
      const reason = "expected a hostname that Prometheus can use as a target";
      omissions.push({ hostname: host.hostname, label: undefined, reason });
    } else {
      groups.push({ targets: [target], labels: metaLabels(host, omissions) });
    }
  }
  return { groups: sortTargetGroups(groups), omissions };
}

function metaLabels(host: LabelledHost, omissions: Omission[]): Record<string, string> {
  const values = new Map<string, string[]>();
  for (const label of host.labels) {
    if (!label.isWellFormed()) {
      omissions.push({ hostname: host.hostname, label, reason: "expected valid Unicode" });
      continue;
    }
    const { key, value } = splitHostLabel(label);
    const shown = label.includes(":") ? value : "true";
    if (shown === "") continue;
    const name = LABEL_PREFIX + sanitizeLabelName(key);
    const known = values.get(name);
    if (known === undefined) values.set(name, [shown]);
    else known.push(shown);
  }
  const pairs = Array.from(values, ([name, list]) => [name, normalizeLabels(list).join(",")] as const);
  return labelRecord([[HOSTNAME_LABEL, host.hostname], ...pairs, ...hostStatusLabels(host.status)]);
}
