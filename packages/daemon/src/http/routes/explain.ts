import { type AuditEntry, DiscoveryError, type ServiceExplanation } from "@org/discovery-core";
import type { Context } from "hono";
import * as v from "valibot";
import { hostListings } from "../explained-host.ts";
import { explainSubject } from "../explained-subject.ts";
import { explainedHost, explainedService, ExplainMessage } from "../messages/explain-message.ts";
import { historyMessage } from "../messages/history-message.ts";
import { LastFetches } from "../last-fetches.ts";
import type { NotReady } from "../not-ready.ts";
import { DocumentedRoutes } from "../openapi/documented-routes.ts";
import { operation } from "../openapi/operation.ts";
import type { PresenceView } from "../presence-view.ts";
import { answerNotReady, markStale } from "../readiness.ts";
import type { RegistryView } from "../registry-view.ts";
import type { ScraperLedger } from "../../scrapers/scraper-ledger.ts";

/** Changes of a service that are told. */
const CHANGES = 5;

const explain = operation({
  id: "explain",
  method: "get",
  path: "/v1/explain/:subject",
  tag: "Registry",
  summary: "Where a service or host comes from, and why it is, or is not, in which list",
  params: v.object({
    subject: v.pipe(
      v.string(),
      v.description("An endpoint URL (encoded), the id of a service, a hostname, or host:port."),
    ),
  }),
  answer: { description: "Everything that goes by this name.", schema: ExplainMessage },
  problems: ["not_found", "unavailable"],
});

export interface ExplainRoutesOptions {
  readonly view: PresenceView;
  readonly registry: RegistryView | undefined;
  /** Who fetched which list. */
  readonly ledger: ScraperLedger;
  /** `NODE_EXPORTER_PORT`. */
  readonly defaultPort: number;
}

/** `GET /v1/explain/:subject`: one answer to "why is this scraped, or not?", from registry and presence. */
export function explainRoutes(options: ExplainRoutesOptions): DocumentedRoutes {
  return new DocumentedRoutes().on(explain, (c, { params: { subject } }) => {
    const fetches = new LastFetches(options.ledger);
    const services = servicesOf(options, subject, fetches);
    const hosts = hostsOf(options, subject, fetches);
    markStale(c, { staleSeconds: () => staleSeconds(options) });
    if (services.length === 0 && hosts.length === 0) return nothing(c, options, subject);
    const unknown = notReady(options).map(({ reason }) => reason);
    return c.json({ services, hosts, unknown });
  });
}

function servicesOf({ registry }: ExplainRoutesOptions, subject: string, fetches: LastFetches) {
  if (registry === undefined || registry.notReady() !== undefined) return [];
  const { catalog, audit } = registry;
  const explanations = explainSubject(catalog, subject);
  const changes = changesOf(audit, explanations);
  return explanations.map((explanation) => {
    const { service } = explanation;
    return explainedService(explanation, {
      served: catalog.isServed(service),
      changes: (changes.get(keyOf(service)) ?? []).slice(0, CHANGES).map(historyMessage),
      fetched: (server, namespace) => fetches.ofServices(server, namespace),
    });
  });
}

/** The changes of each service that is explained, the newest first. A host may have hundreds, so the history is read once for all. */
function changesOf(audit: RegistryView["audit"], explanations: readonly ServiceExplanation[]) {
  if (audit === undefined || explanations.length === 0) return new Map<string, AuditEntry[]>();
  return Map.groupBy(audit.history({ kind: "service", limit: Number.POSITIVE_INFINITY }), keyOf);
}

function keyOf({ namespace, endpoint }: { readonly namespace?: string; readonly endpoint?: string }): string {
  return JSON.stringify([namespace, endpoint]);
}

function hostsOf({ view, defaultPort }: ExplainRoutesOptions, subject: string, fetches: LastFetches) {
  if (view.notReady() !== undefined) return [];
  const hosts = view.exported().filter(({ hostname }) => hostname === subject);
  return hosts.map((host) =>
    explainedHost(host, hostListings(host, defaultPort), (path) => fetches.ofHost(path, host)),
  );
}

/** Of what is known the longest ago. */
function staleSeconds({ view, registry }: ExplainRoutesOptions): number | undefined {
  const ages = [view.staleSeconds(), registry?.staleSeconds()].filter((age) => age !== undefined);
  return ages.length === 0 ? undefined : Math.max(...ages);
}

/** A 404 only where it is certain that there is nothing. */
function nothing(c: Context, options: ExplainRoutesOptions, subject: string): Response {
  const later = notReady(options).find(({ code }) => code === "unavailable");
  if (later !== undefined) return answerNotReady(c, later);
  const shown = JSON.stringify(subject.slice(0, 200).toWellFormed());
  throw new DiscoveryError("not_found", `${shown}: no service has this endpoint, id or host, and no host this name`);
}

function notReady({ view, registry }: ExplainRoutesOptions): NotReady[] {
  return [view.notReady(), registry?.notReady()].filter((reason) => reason !== undefined);
}
