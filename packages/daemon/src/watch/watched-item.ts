import {
  type ExportedService,
  hostLabelLookup,
  type LabelLookup,
  type Namespace,
  recordLookup,
  type Server,
  serviceKey,
} from "@org/discovery-core";
import { toDiscovery } from "../http/hosts-json.ts";
import { namespaceMessage } from "../http/messages/namespace-message.ts";
import { serverMessage } from "../http/messages/server-message.ts";
import { serviceMessage } from "../http/messages/service-message.ts";
import type { KnownHost } from "../http/presence-view.ts";

/** What can be watched, in the order in which a snapshot holds it. */
export const WATCHED_KINDS = ["hosts", "namespaces", "servers", "services"] as const;

export type WatchedKind = (typeof WATCHED_KINDS)[number];

/** One thing that is watched, as it was at one time. */
export interface WatchedItem {
  readonly kind: WatchedKind;
  /** Unique within its kind. */
  readonly key: string;
  /** The members of the message that tell it from others. */
  readonly identity: object;
  /** What it was made from. The same object: nothing has changed. */
  readonly source: object;
  /** The namespace that it belongs to, where its kind has one. */
  readonly namespace: string | undefined;
  /** What a selector is about, where its kind has labels. */
  readonly labels: LabelLookup | undefined;
  /** As the API shows it. */
  message(): object;
  /** Equal for two that differ in nothing that counts as a change. */
  fingerprint(): string;
}

/** A host. That it was heard again is no change. */
export function hostItem(host: KnownHost): WatchedItem {
  const { hostname, labels } = host;
  const mark = markOf(host.status);
  return {
    kind: "hosts",
    key: hostname,
    identity: { hostname },
    source: host,
    namespace: undefined,
    labels: hostLabelLookup(labels),
    message: () => ({ ...toDiscovery(host), ...mark }),
    fingerprint: () => JSON.stringify([labels, mark]),
  };
}

export function namespaceItem(namespace: Namespace): WatchedItem {
  const { name } = namespace;
  const message = (): object => namespaceMessage(namespace);
  return {
    kind: "namespaces",
    key: name,
    identity: { name },
    source: namespace,
    namespace: name,
    labels: undefined,
    message,
    fingerprint: () => JSON.stringify(message()),
  };
}

export function serverItem(server: Server): WatchedItem {
  const { name, labels } = server;
  const message = (): object => serverMessage(server);
  return {
    kind: "servers",
    key: name,
    identity: { name },
    source: server,
    namespace: undefined,
    labels: recordLookup(labels),
    message,
    fingerprint: () => JSON.stringify(message()),
  };
}

export function serviceItem(service: ExportedService): WatchedItem {
  const { namespace, id, labels } = service;
  const message = (): object => ({ ...serviceMessage(service), ...markOf(service.status) });
  return {
    kind: "services",
    key: serviceKey(service),
    identity: { namespace, id },
    source: service,
    namespace,
    labels: recordLookup(labels),
    message,
    fingerprint: () => JSON.stringify(message()),
  };
}

/** Says of what is silent and exported all the same why it is. */
function markOf(status: KnownHost["status"]): { readonly status?: "held" | "lingering" } {
  return status === "held" || status === "lingering" ? { status } : {};
}
