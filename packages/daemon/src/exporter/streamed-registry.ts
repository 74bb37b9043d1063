import {
  DEFAULT_NAMESPACE,
  type ExportConfig,
  isPrometheusLabelName,
  parseEndpoint,
  parseExportConfig,
  type RenderedService,
  serviceKey,
  type ServerState,
} from "@org/discovery-core";
import * as v from "valibot";
import { LabelsMessage } from "../http/messages/members.ts";
import type { StreamEvent } from "./event-stream.ts";
import type { ServerView } from "./source.ts";

const ServiceSchema = v.object({
  id: v.string(),
  name: v.string(),
  endpoint: v.string(),
  namespace: v.string(),
  servers: v.array(v.string()),
  labels: LabelsMessage,
  status: v.exactOptional(v.picklist(["held", "lingering"])),
});
const ServerSchema = v.object({ name: v.string(), state: v.picklist(["0", "1", "2"]) });
const NamespaceSchema = v.object({ name: v.string(), export: v.number() });
const SnapshotSchema = v.object({
  namespaces: v.array(NamespaceSchema),
  servers: v.array(ServerSchema),
  services: v.array(v.unknown()),
});
const ChangeSchema = v.variant("op", [
  v.object({ kind: v.string(), op: v.literal("put"), item: v.unknown() }),
  v.object({ kind: v.string(), op: v.literal("delete"), item: v.unknown() }),
]);
const ServiceIdentity = v.object({ namespace: v.string(), id: v.string() });
const NameIdentity = v.object({ name: v.string() });

/** By the number that stands for it. */
const STATES: Readonly<Record<"0" | "1" | "2", ServerState>> = { 0: "leaving", 1: "joining", 2: "active" };

/** What an event changed. */
export type Applied =
  | { readonly kind: "snapshot" | "namespaces" | "servers" | "other" }
  | { readonly kind: "services"; readonly op: "put" | "delete" };

export interface StreamedRegistryOptions {
  readonly server: string;
  /** A service that Prometheus would not take was left out, lest it refuse the whole list. */
  readonly onRefused: (service: unknown, reason: string) => void;
}

/** The registry as far as it concerns one server, put together from the events of `GET /v1/watch`. */
export class StreamedRegistry {
  readonly #options: StreamedRegistryOptions;
  #isKnown = false;
  #state: ServerState | undefined;
  #namespaces = new Map<string, ExportConfig>();
  /** Those of the server, by store key. */
  #services = new Map<string, RenderedService>();

  constructor(options: StreamedRegistryOptions) {
    this.#options = options;
  }

  /** `undefined` before the first snapshot. */
  view(): ServerView | undefined {
    if (!this.#isKnown) return undefined;
    const namespaces = this.#namespaces;
    return {
      state: this.#state,
      services: [...this.#services.values()],
      exportOf: (namespace) =>
        namespaces.get(namespace) ?? (namespace === DEFAULT_NAMESPACE.name ? DEFAULT_NAMESPACE.export : "disabled"),
    };
  }

  /** Takes an event in. Throws for a snapshot or change that is none; nothing has changed then. */
  apply({ type, data }: StreamEvent): Applied {
    if (type === "snapshot") return this.#takeSnapshot(v.parse(SnapshotSchema, JSON.parse(data)));
    if (type !== "change") return { kind: "other" };
    const change = v.parse(ChangeSchema, JSON.parse(data));
    if (change.kind === "services") return this.#takeService(change);
    if (change.kind === "servers") return this.#takeServer(change);
    return change.kind === "namespaces" ? this.#takeNamespace(change) : { kind: "other" };
  }

  #takeSnapshot({ namespaces, servers, services }: v.InferOutput<typeof SnapshotSchema>): Applied {
    const own = servers.find(({ name }) => name === this.#options.server);
    this.#namespaces = new Map(namespaces.map((namespace) => [namespace.name, parseExportConfig(namespace.export)]));
    this.#state = own === undefined ? undefined : STATES[own.state];
    this.#services = new Map();
    for (const service of services) this.#put(service);
    this.#isKnown = true;
    return { kind: "snapshot" };
  }

  #takeService({ op, item }: v.InferOutput<typeof ChangeSchema>): Applied {
    if (op === "put") this.#put(item);
    else this.#services.delete(serviceKey(v.parse(ServiceIdentity, item)));
    return { kind: "services", op };
  }

  #takeServer({ op, item }: v.InferOutput<typeof ChangeSchema>): Applied {
    if (v.parse(NameIdentity, item).name === this.#options.server) {
      this.#state = op === "put" ? STATES[v.parse(ServerSchema, item).state] : undefined;
    }
    return { kind: "servers" };
  }

  #takeNamespace({ op, item }: v.InferOutput<typeof ChangeSchema>): Applied {
    if (op === "delete") {
      this.#namespaces.delete(v.parse(NameIdentity, item).name);
    } else {
      const namespace = v.parse(NamespaceSchema, item);
      this.#namespaces.set(namespace.name, parseExportConfig(namespace.export));
    }
    return { kind: "namespaces" };
  }

  #put(item: unknown): void {
    const { servers, ...service } = v.parse(ServiceSchema, item);
    const key = serviceKey(service);
    this.#services.delete(key);
    if (!servers.includes(this.#options.server)) return;
    const problem = problemOf(service);
    if (problem === undefined) this.#services.set(key, { ...service, selector: "", description: "", modified: 0 });
    else this.#options.onRefused({ key }, problem);
  }
}

/** Why Prometheus would not take it: for one bad label it would refuse the whole list. */
function problemOf({ endpoint, labels }: Pick<RenderedService, "endpoint" | "labels">): string | undefined {
  const label = Object.keys(labels).find((name) => !isPrometheusLabelName(name));
  if (label !== undefined) return `${JSON.stringify(label)} is no name of a label`;
  try {
    parseEndpoint(endpoint);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
