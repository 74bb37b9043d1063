import { Gauge, type Registry } from "prom-client";
import type { Scraper, ScraperLedger } from "./scraper-ledger.ts";

const LABELS = ["list", "server", "namespace"] as const;

/** Adds what the ledger knows to the daemon's metrics. `server` and `namespace` are empty for lists made from hosts. */
export function addScraperMetrics(registry: Registry, ledger: ScraperLedger): void {
  const gauge = (name: string, help: string, value: (scraper: Scraper) => number | undefined): void => {
    const shown: Gauge<(typeof LABELS)[number]> = new Gauge({
      name,
      help,
      labelNames: LABELS,
      registers: [registry],
      collect: () => {
        shown.reset();
        for (const scraper of ledger.scrapers()) {
          const { list, server = "", namespace = "" } = scraper;
          const number = value(scraper);
          if (number !== undefined) shown.set({ list, server, namespace }, number);
        }
      },
    });
  };
  gauge(
    "discovery_scraper_last_fetch_timestamp_seconds",
    "When a target list was last fetched from this daemon",
    ({ fetched }) => fetched / 1000,
  );
  gauge(
    "discovery_scraper_lag_seconds",
    "For how long there has been something newer than the target list that was fetched; 0 while it is current",
    ({ lagSeconds }) => lagSeconds,
  );
  gauge(
    "discovery_scraper_refresh_interval_seconds",
    "How often a Prometheus says that it fetches a target list",
    ({ intervalSeconds }) => intervalSeconds,
  );
}
