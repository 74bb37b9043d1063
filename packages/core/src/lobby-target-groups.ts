import { compareBytes } from "./byte-order.ts";
import { DiscoveryError } from "./error.ts";
import { normalizeLabels, splitHostLabel, type HostLabelParts, type LabelledHost } from "./host-label.ts";
import { hostStatusLabels } from "./host-status-labels.ts";
import { hostPort, isPort, parseHostPort, parsePort } from "./host-port.ts";
import { isPrometheusLabelName } from "./prometheus-label.ts";
import {
  labelRecord,
  sortTargetGroups,
  type HostTargetGroups,
  type Omission,
  type TargetGroup,
} from "./target-group.ts";

const LIST_NAME = /^prometheus:([^:]+)/;

/** What the `prometheus:<name>…` labels of one host come to. */
interface Export {
  readonly hosts: string[];
  /** `undefined`: none, asked for with `port:-`. */
  port: number | undefined;
  readonly labels: Map<string, string>;
}

/**
 * lobby's `GET /v1/prometheus/:name`: one group for each host that has a label `prometheus:<name>` or
 * `prometheus:<name>:<key>:<value>`. Key `port` sets the port (`-`: none), each `host` adds a target, any other key is a
 * Prometheus label; the value may hold colons. Without `host` the hostname is the target, without `port` the default port
 * is used, and a host with a port of its own keeps it. Of two labels with one key the last in byte order counts.
 *
 * A label at fault (a port that is none, a host that cannot be a target, an illegal label name, an empty value) is left out
 * and reported, and the host is exported as if that label said `prometheus:<name>` only: a slip in a label must not take
 * the host out of the monitoring. A host whose name cannot be a target and that gives no other has no group.
 *
 * Throws `invalid_argument` if the default port is not 1 to 65535.
 */
export function lobbyTargetGroups(hosts: Iterable<LabelledHost>, name: string, defaultPort: number): HostTargetGroups {
  if (!isPort(defaultPort)) {
    throw new DiscoveryError("invalid_argument", `default port ${defaultPort}: expected 1 to 65535`);
  }
  const groups: TargetGroup[] = [];
  const omissions: Omission[] = [];
  for (const host of hosts) {
    const settings = readExport(host, { name, defaultPort, omissions });
    const group = settings === undefined ? undefined : renderExport(host, settings, omissions);
    if (group !== undefined) groups.push(group);
  }
  return { groups: sortTargetGroups(groups), omissions };
}

interface ReadOptions {
  readonly name: string;
  readonly defaultPort: number;
  readonly omissions: Omission[];
}

function readExport(host: LabelledHost, options: ReadOptions): Export | undefined {
  const bare = `prometheus:${options.name}`;
  const prefix = `${bare}:`;
  // The key of `prometheus:a:b` is `b`: a name with a colon names nothing.
  if (options.name.includes(":")) return undefined;
  const own = host.labels.filter((label) => label === bare || label.startsWith(prefix));
  if (own.length === 0) return undefined;
  const settings: Export = { hosts: [], port: options.defaultPort, labels: new Map() };
  for (const label of normalizeLabels(own)) {
    const reason = label === bare ? undefined : apply(settings, splitHostLabel(label.slice(prefix.length)));
    if (reason !== undefined) options.omissions.push({ hostname: host.hostname, label, reason });
  }
  return settings;
}

/** Puts one setting in its place, or says why it has none. */
function apply(settings: Export, { key, value }: HostLabelParts): string | undefined {
  if (value === "") return `expected a value after key ${JSON.stringify(key)}`;
  if (key === "port") return applyPort(settings, value);
  if (key === "host") {
    if (parseHostPort(value) === undefined) return `expected a host, got ${JSON.stringify(value)}`;
    settings.hosts.push(value);
    return undefined;
  }
  if (!isPrometheusLabelName(key)) return `expected a Prometheus label name, got ${JSON.stringify(key)}`;
  if (!value.isWellFormed()) return "expected valid Unicode";
  settings.labels.set(key, value);
  return undefined;
}

function applyPort(settings: Export, value: string): string | undefined {
  const port = parsePort(value);
  if (port === undefined && value !== "-") return `expected a port (1 to 65535) or "-", got ${JSON.stringify(value)}`;
  settings.port = port;
  return undefined;
}

function renderExport(host: LabelledHost, settings: Export, omissions: Omission[]): TargetGroup | undefined {
  const hosts = settings.hosts.length > 0 ? settings.hosts : [host.hostname];
  const targets = hosts.map((one) => hostPort(one, settings.port)).filter((target) => target !== undefined);
  if (targets.length === 0) {
    const reason = "expected a hostname that Prometheus can use as a target";
    omissions.push({ hostname: host.hostname, label: undefined, reason });
    return undefined;
  }
  return {
    targets: [...new Set(targets)].toSorted(compareBytes),
    labels: labelRecord([...settings.labels, ...hostStatusLabels(host.status)]),
  };
}

/** The names of the lists that a host with these labels stands in, as `lobbyTargetGroups` takes them. */
export function lobbyListNames(labels: readonly string[]): string[] {
  const names = labels.flatMap((label) => LIST_NAME.exec(label)?.[1] ?? []);
  return [...new Set(names)];
}
