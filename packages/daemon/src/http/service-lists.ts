import {
  type Catalog,
  DiscoveryError,
  GroupMemory,
  type ExportConfig,
  type Log,
  type ServiceOmission,
  targetGroups,
} from "@org/discovery-core";
import { parseRegularExpression } from "./regular-expression.ts";
import type { RenderedList } from "./rendered-list.ts";
import { RenderedLists } from "./rendered-lists.ts";

/** Which list of services a Prometheus asks for. */
export interface ServiceListQuery {
  /** Regular expression that the whole name of a server must match. */
  readonly server: string;
  readonly namespace: string;
  /** Default: the namespace's own. */
  readonly config: ExportConfig | undefined;
}

/** Most omissions remembered; beyond that all are forgotten and may be told once more. */
const MAX_REMEMBERED = 10_000;

/** Target groups of services, rendered once for each version of the catalog, with one warning for what had to be left out. */
export class ServiceLists {
  readonly #log: Log;
  readonly #rendered = new RenderedLists();
  readonly #memory = new GroupMemory();
  readonly #told = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  /**
   * The list as the catalog has it now. Empty for a namespace that does not exist: an error would make Prometheus keep the targets
   * of one that was removed.
   *
   * @throws DiscoveryError `invalid_argument` for an expression that is none, `unavailable` where the store has a record that cannot
   * be read, and that this list depends on.
   */
  get(catalog: Catalog, query: ServiceListQuery): RenderedList {
    checkReadable(catalog, query);
    return this.#rendered.get(catalog.version, JSON.stringify(query), () => {
      const { groups, omissions } = targetGroups(catalog, {
        namespace: query.namespace,
        server: serverMatcher(query),
        memory: this.#memory,
        ...(query.config === undefined ? {} : { config: query.config }),
      });
      this.#report(omissions);
      return groups;
    });
  }

  #report(omissions: readonly ServiceOmission[]): void {
    for (const omission of omissions) {
      const key = JSON.stringify(omission);
      if (this.#told.has(key)) continue;
      if (this.#told.size >= MAX_REMEMBERED) this.#told.clear();
      this.#told.add(key);
      this.#log.warn({ ...omission }, "left out of the target groups");
    }
  }
}

function serverMatcher({ server }: ServiceListQuery): (name: string) => boolean {
  return parseRegularExpression("path server", server, { whole: true });
}

/** A namespace or server that is there and cannot be read would look as if it had gone, and its targets with it. */
function checkReadable(catalog: Catalog, query: ServiceListQuery): void {
  const problems = catalog.problems();
  if (problems.length === 0) return;
  const isServer = serverMatcher(query);
  const problem = problems.find(({ key }) => {
    const [kind, name] = splitKey(key);
    return kind === "namespace" ? name === query.namespace : kind === "server" && isServer(name);
  });
  if (problem === undefined) return;
  throw new DiscoveryError("unavailable", `the record ${problem.key} in the store cannot be read: ${problem.reason}`);
}

function splitKey(key: string): [kind: string, name: string] {
  const slash = key.indexOf("/");
  return [key.slice(0, slash), key.slice(slash + 1)];
}
