import type { ServiceExplanation } from "@org/discovery-core";
import * as v from "valibot";
import type { HostListing } from "../explained-host.ts";
import type { Scraper } from "../../scrapers/scraper-ledger.ts";
import { toDiscovery } from "../hosts-json.ts";
import type { KnownHost } from "../presence-view.ts";
import { HistoryMessage } from "./history-message.ts";
import { HostMessage } from "./host-message.ts";
import { LabelsMessage, Timestamp, timestamp } from "./members.ts";
import { serviceMessage, ServiceMessage } from "./service-message.ts";

const GroupMessage = v.object({ targets: v.array(v.string()), labels: LabelsMessage });
const reasons = v.pipe(v.array(v.string()), v.description("Why it is in no list; empty where it is in one."));

const ServerMessage = v.object({
  name: v.string(),
  state: v.picklist(["leaving", "joining", "active"]),
  unmet: v.pipe(
    v.array(v.string()),
    v.description("Requirements of the service's selector that its labels do not meet; none where it matches."),
  ),
  rank: v.optional(
    v.pipe(
      v.number(),
      v.description("Its place among the servers that could get the service, from 1; absent where it could not."),
    ),
  ),
  assigned: v.pipe(v.boolean(), v.description("Whether it scrapes the service.")),
});

const FetchMessage = v.object({
  at: v.pipe(Timestamp, v.description("When this list was last fetched from this daemon.")),
  remote: v.optional(v.pipe(v.string(), v.description("Address of whoever did."))),
  interval: v.optional(v.pipe(v.number(), v.description("Seconds between two fetches, as Prometheus says."))),
  lag: v.pipe(v.number(), v.description("Seconds for which there has been something newer; 0: it is current.")),
  overdue: v.pipe(v.boolean(), v.description("Three fetches are missing.")),
});

const ListMessage = v.object({
  path: v.pipe(v.string(), v.description("Of the route that has the list.")),
  group: GroupMessage,
  fetched: v.optional(v.pipe(FetchMessage, v.description("Absent where nobody did since this daemon started."))),
});

const ExplainedService = v.object({
  source: v.literal("registry"),
  service: ServiceMessage,
  export: v.nullable(
    v.pipe(v.picklist(["disabled", "standard", "blackbox"]), v.description("Of its namespace; null without one.")),
  ),
  strategy: v.picklist(["rendezvous", "jump"]),
  replicas: v.pipe(v.number(), v.description("How many servers it gets, if there are so many.")),
  servers: v.pipe(v.array(ServerMessage), v.description("All servers, by name.")),
  lists: v.array(ListMessage),
  reasons,
  changes: v.pipe(v.array(HistoryMessage), v.description("Its latest changes, the newest first.")),
});

const ExplainedHost = v.object({
  source: v.literal("presence"),
  hostname: v.string(),
  labels: v.array(v.string()),
  last_check: HostMessage.entries.last_check,
  status: v.picklist(["alive", "held", "lingering"]),
  lists: v.array(ListMessage),
});

/** Where something comes from, and why it is where it is. */
export const ExplainMessage = v.object({
  services: v.array(ExplainedService),
  hosts: v.array(ExplainedHost),
  unknown: v.pipe(v.array(v.string()), v.description("What this daemon cannot say, and why.")),
});

type Explained = v.InferOutput<typeof ExplainedService>;

/** What is known of a service besides core's explanation. */
export interface ServiceContext {
  readonly served: boolean;
  readonly changes: Explained["changes"];
  /** Who fetched a list last. */
  readonly fetched: (server: string, namespace: string) => Scraper | undefined;
}

/** An explained service as the API shows it. */
export function explainedService(explanation: ServiceExplanation, context: ServiceContext): Explained {
  const { service, lease, strategy, replicas, servers, lists } = explanation;
  return {
    source: "registry",
    service: serviceMessage(service, { served: context.served, lease }),
    export: explanation.export ?? null,
    strategy,
    replicas,
    servers: servers.map((server) => ({ ...server, unmet: [...server.unmet] })),
    lists: lists.map(({ server, namespace, group }) => {
      const path = `/v1/sd/${encodeURIComponent(server)}/${encodeURIComponent(namespace)}`;
      return listMessage({ path, group }, context.fetched(server, namespace));
    }),
    reasons: [...explanation.reasons],
    changes: context.changes,
  };
}

/** An explained host as the API shows it. */
export function explainedHost(
  host: KnownHost,
  lists: readonly HostListing[],
  fetched: (path: string) => Scraper | undefined,
): v.InferOutput<typeof ExplainedHost> {
  return {
    source: "presence",
    hostname: host.hostname,
    labels: [...host.labels],
    last_check: toDiscovery(host).last_check,
    status: host.status ?? "alive",
    lists: lists.map((listing) => listMessage(listing, fetched(listing.path))),
  };
}

function listMessage({ path, group }: HostListing, fetch: Scraper | undefined): v.InferOutput<typeof ListMessage> {
  const message = { path, group: { targets: [...group.targets], labels: group.labels } };
  return fetch === undefined ? message : { ...message, fetched: fetchMessage(fetch) };
}

function fetchMessage(scraper: Scraper): v.InferOutput<typeof FetchMessage> {
  const { fetched, remote, intervalSeconds, lagSeconds, overdue } = scraper;
  return {
    at: timestamp(fetched),
    ...(remote === undefined ? {} : { remote }),
    ...(intervalSeconds === undefined ? {} : { interval: intervalSeconds }),
    lag: Math.round(lagSeconds * 1000) / 1000,
    overdue,
  };
}
