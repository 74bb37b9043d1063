import { type ExportConfig, type Service, type ServiceOmission, serviceTargetGroups } from "@org/discovery-core";
import type { ServerView } from "./source.ts";
import { targetFileName } from "./target-file-name.ts";

interface Rendered {
  readonly services: readonly Service[];
  readonly config: ExportConfig;
  readonly text: string;
  readonly omissions: readonly ServiceOmission[];
}

/** What shall stand in the files of a server. */
export interface TargetLists {
  /** Text by file name, see `targetFileName`; the same JSON that http_sd answers with. */
  readonly files: ReadonlyMap<string, string>;
  /** Labels that had to be left out. */
  readonly omissions: readonly ServiceOmission[];
  /** Services that had to be left out, because their names make no file name. */
  readonly refused: readonly Service[];
}

/** Renders the lists of a server, one per namespace and job. What has not changed since the last time is not rendered again. */
export class TargetListRenderer {
  #rendered = new Map<string, Rendered>();

  render({ services, exportOf }: Pick<ServerView, "services" | "exportOf">): TargetLists {
    const { members, refused } = grouped(services);
    const rendered = new Map<string, Rendered>();
    for (const [file, group] of members) {
      const config = exportOf(group[0]?.namespace ?? "");
      if (config !== "disabled") rendered.set(file, this.#list(file, group, config));
    }
    this.#rendered = rendered;
    const files = new Map(Array.from(rendered, ([file, { text }]) => [file, text]));
    return { files, omissions: [...rendered.values()].flatMap(({ omissions }) => omissions), refused };
  }

  #list(file: string, services: readonly Service[], config: ExportConfig): Rendered {
    const known = this.#rendered.get(file);
    if (known?.config === config && isSame(known.services, services)) return known;
    const { groups, omissions } = serviceTargetGroups(services, config);
    return { services, config, text: JSON.stringify(groups), omissions };
  }
}

function grouped(services: readonly Service[]): { members: Map<string, Service[]>; refused: Service[] } {
  const members = new Map<string, Service[]>();
  const refused: Service[] = [];
  for (const service of services) {
    const file = targetFileName(service.namespace, service.name);
    if (file === undefined) {
      refused.push(service);
      continue;
    }
    const group = members.get(file);
    if (group === undefined) members.set(file, [service]);
    else group.push(service);
  }
  return { members, refused };
}

function isSame(left: readonly Service[], right: readonly Service[]): boolean {
  return left.length === right.length && left.every((service, at) => service === right[at]);
}
