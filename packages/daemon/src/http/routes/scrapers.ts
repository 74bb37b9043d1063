import * as v from "valibot";
import type { Scraper, ScraperLedger } from "../../scrapers/scraper-ledger.ts";
import { Timestamp, timestamp } from "../messages/members.ts";
import { DocumentedRoutes } from "../openapi/documented-routes.ts";
import { operation } from "../openapi/operation.ts";

const ScraperMessage = v.object({
  list: v.pipe(v.string(), v.description("The target list, as it was asked for.")),
  server: v.optional(
    v.pipe(v.string(), v.description("The expression for the server, where the list is made from services.")),
  ),
  namespace: v.optional(v.string()),
  remote: v.optional(v.pipe(v.string(), v.description("Address of whoever fetched it last."))),
  fetched: v.pipe(Timestamp, v.description("When it was last fetched.")),
  fetches: v.pipe(v.number(), v.description("How often it was fetched since this daemon started.")),
  interval: v.optional(
    v.pipe(v.number(), v.description("Seconds between two fetches, as Prometheus says; absent for others.")),
  ),
  revision: v.optional(v.pipe(v.number(), v.description("The store's revision that was fetched; absent for hosts."))),
  etag: v.pipe(v.string(), v.description("Of the list that was fetched.")),
  lag: v.pipe(
    v.number(),
    v.description("Seconds for which there has been something newer; 0: what was fetched is current."),
  ),
  overdue: v.pipe(v.boolean(), v.description("Three fetches are missing.")),
});

const list = operation({
  id: "listScrapers",
  method: "get",
  path: "/v1/scrapers",
  tag: "Prometheus",
  summary: "Who fetched which target list from this daemon, and whether it is still current",
  answer: { description: "One for each list.", schema: v.object({ scrapers: v.array(ScraperMessage) }) },
});

/** `GET /v1/scrapers`: the ledger of target lists that were fetched from this daemon. */
export function scrapersRoutes(ledger: ScraperLedger): DocumentedRoutes {
  return new DocumentedRoutes().on(list, (c) => c.json({ scrapers: ledger.scrapers().map(scraperMessage) }));
}

function scraperMessage(scraper: Scraper): v.InferOutput<typeof ScraperMessage> {
  const { list, server, namespace, remote, fetched, fetches, intervalSeconds, revision, etag, lagSeconds, overdue } =
    scraper;
  return {
    list,
    ...(server === undefined ? {} : { server }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(remote === undefined ? {} : { remote }),
    fetched: timestamp(fetched),
    fetches,
    ...(intervalSeconds === undefined ? {} : { interval: intervalSeconds }),
    ...(revision === undefined ? {} : { revision }),
    etag,
    lag: Math.round(lagSeconds * 1000) / 1000,
    overdue,
  };
}
