import type { Log } from "@org/discovery-core";
import type { Metrics } from "../metrics.ts";
import { addScraperMetrics } from "../scrapers/scraper-metrics.ts";
import type { ScraperLedger } from "../scrapers/scraper-ledger.ts";
import type { LongPoll } from "./long-poll.ts";
import type { DocumentedRoutes } from "./openapi/documented-routes.ts";
import type { PresenceView } from "./presence-view.ts";
import type { RegistryView } from "./registry-view.ts";
import { prometheusRoutes } from "./routes/prometheus.ts";
import { scrapersRoutes } from "./routes/scrapers.ts";
import { sdHostsRoutes } from "./routes/sd-hosts.ts";
import { sdServicesRoutes } from "./routes/sd-services.ts";
import { TargetLists } from "./target-lists.ts";

export interface TargetRoutesOptions {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly view: PresenceView;
  /** `undefined` where no backend keeps one. */
  readonly registry: RegistryView | undefined;
  /** `NODE_EXPORTER_PORT`. */
  readonly defaultPort: number;
  readonly ledger: ScraperLedger;
  /** Waits for hosts. */
  readonly hostPoll: LongPoll;
  /** Waits for the registry. */
  readonly poll: LongPoll;
}

/** What Prometheus fetches, and the ledger of who does. */
export function targetRoutes(options: TargetRoutesOptions): readonly DocumentedRoutes[] {
  const { log, metrics, view, registry, defaultPort, ledger, hostPoll, poll } = options;
  const lists = new TargetLists({ view, log, ledger });
  view.onChange(() => ledger.changed("hosts"));
  registry?.catalog.onChange(() => ledger.changed("registry"));
  addScraperMetrics(metrics.registry, ledger);
  return [
    prometheusRoutes(lists, hostPoll, defaultPort),
    sdHostsRoutes(lists, hostPoll),
    sdServicesRoutes({ log, view: registry, poll, ledger }),
    scrapersRoutes(ledger),
  ];
}
