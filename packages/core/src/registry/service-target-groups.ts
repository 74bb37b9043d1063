import { hostStatusLabels } from "../host-status-labels.ts";
import type { HostStatus } from "../presence/host.ts";
import { isPrometheusLabelName } from "../prometheus-label.ts";
import { labelRecord, sortTargetGroups, type TargetGroup } from "../target-group.ts";
import type { Catalog } from "./catalog.ts";
import { parseEndpoint } from "./endpoint.ts";
import type { ExportConfig } from "./export-config.ts";
import { GroupMemory, type RenderedGroup } from "./group-memory.ts";
import type { ServiceOmission } from "./service-omission.ts";
import type { Service } from "./service.ts";

/** A service to be rendered; marked as hosts are where it is held or lingers. */
export interface RenderedService extends Service {
  readonly status?: HostStatus;
}

/** Target groups made from services, with what had to be left out. */
export interface ServiceTargetGroups {
  /** One per service, in a stable order. */
  readonly groups: readonly TargetGroup[];
  readonly omissions: readonly ServiceOmission[];
}

/** What one Prometheus asks for. */
export interface TargetGroupsQuery {
  readonly namespace: string;
  /** Which servers it is. */
  readonly server: (name: string) => boolean;
  /** Default: the namespace's own. */
  readonly config?: ExportConfig;
  /** What was rendered before for this catalog. Without it everything is rendered. */
  readonly memory?: GroupMemory;
}

/**
 * What a Prometheus reads: the services of a namespace that are exported and assigned to it. None in a namespace that is
 * `disabled`, and none where there is no such namespace: an error would make Prometheus keep the targets of one that was removed.
 */
export function targetGroups(catalog: Catalog, query: TargetGroupsQuery): ServiceTargetGroups {
  const { namespace, server, config, memory } = query;
  const services = catalog
    .exported()
    .filter((service) => service.namespace === namespace && service.servers.some(server));
  return serviceTargetGroups(services, config ?? catalog.namespace(namespace)?.export ?? "disabled", memory);
}

/**
 * Services as target groups, one each.
 *
 * - `standard`: the endpoint's host, with the port if one is given, as the target; labels `job` (the service's name), `instance`
 *   (the target), `__scheme__`, `__metrics_path__` (without a trailing slash), `__param_<name>` (first value); the service's own
 *   labels on top. A parameter whose name can be no label name is left out and reported.
 * - `blackbox`: the endpoint as the target; the service's own labels only.
 * - `disabled`: none.
 *
 * One that is held or lingers carries `__meta_discovery_guarded="true"` or `__meta_discovery_lingering="true"` besides.
 */
export function serviceTargetGroups(
  services: Iterable<RenderedService>,
  config: ExportConfig,
  memory = new GroupMemory(),
): ServiceTargetGroups {
  if (config === "disabled") return { groups: [], omissions: [] };
  const render = config === "standard" ? standardGroup : blackboxGroup;
  const rendered = Array.from(services, (service) => memory.get(config, service, () => render(service)));
  return {
    groups: sortTargetGroups(rendered.map(({ group }) => group)),
    omissions: rendered.flatMap(({ omissions }) => omissions),
  };
}

function blackboxGroup({ endpoint, labels, status }: RenderedService): RenderedGroup {
  const all = [...Object.entries(labels), ...hostStatusLabels(status)];
  return { group: { targets: [endpoint], labels: labelRecord(all) }, omissions: [] };
}

function standardGroup(service: RenderedService): RenderedGroup {
  const omissions: ServiceOmission[] = [];
  const { scheme, host, path, params } = parseEndpoint(service.endpoint);
  const labels = new Map([
    ["job", service.name],
    ["instance", host],
    ["__scheme__", scheme],
    ["__metrics_path__", path.endsWith("/") ? path.slice(0, -1) : path],
  ]);
  for (const [name, value] of params) {
    const label = `__param_${name}`;
    if (isPrometheusLabelName(label)) labels.set(label, value);
    else omissions.push(omission(service, label));
  }
  for (const [name, value] of Object.entries(service.labels)) labels.set(name, value);
  for (const [name, value] of hostStatusLabels(service.status)) labels.set(name, value);
  return { group: { targets: [host], labels: labelRecord(labels) }, omissions };
}

function omission({ namespace, id }: Service, label: string): ServiceOmission {
  return { namespace, id, label, reason: "expected a query parameter that makes a Prometheus label name" };
}
