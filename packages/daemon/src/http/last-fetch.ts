import { isDiscoveryError } from "@org/discovery-core";
import type { Scraper, ScraperLedger } from "../scrapers/scraper-ledger.ts";
import { parseRegularExpression } from "./regular-expression.ts";

/** The last fetch of a server's list of a namespace, under whichever expression that names the server; `undefined` for none. */
export function lastFetch(ledger: ScraperLedger, server: string, namespace: string): Scraper | undefined {
  return latest(ledger, (scraper) => scraper.namespace === namespace && isNamed(scraper.server ?? "", server));
}

/** The last fetch of a list of hosts, with whatever parameters; `undefined` for none. */
export function lastFetchOf(ledger: ScraperLedger, path: string): Scraper | undefined {
  return latest(ledger, ({ list }) => list === path || list.startsWith(`${path}?`));
}

function latest(ledger: ScraperLedger, isMeant: (scraper: Scraper) => boolean): Scraper | undefined {
  return ledger
    .scrapers()
    .filter(isMeant)
    .toSorted((left, right) => right.fetched - left.fetched)[0];
}

function isNamed(expression: string, server: string): boolean {
  if (expression === server) return true;
  try {
    return parseRegularExpression("server", expression, { whole: true })(server);
  } catch (error) {
    if (isDiscoveryError(error, "invalid_argument")) return false;
    throw error;
  }
}
