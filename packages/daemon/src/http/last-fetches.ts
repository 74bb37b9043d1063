import { hostLabelLookup, type LabelLookup, selectorMatches } from "@org/discovery-core";
import type { Scraper, ScraperLedger } from "../scrapers/scraper-ledger.ts";
import type { KnownHost } from "./presence-view.ts";
import { parseRegularExpression } from "./regular-expression.ts";

/** Who fetched which list last, as the ledger has it when this is made. Reads each expression once, however much is asked. */
export class LastFetches {
  /** The latest first. */
  readonly #scrapers: readonly Scraper[];
  readonly #named = new Map<string, readonly Scraper[]>();
  readonly #expressions = new Map<string, (name: string) => boolean>();

  constructor(ledger: ScraperLedger) {
    this.#scrapers = ledger.scrapers().toSorted((left, right) => right.fetched - left.fetched);
  }

  /** The last fetch of a server's list of a namespace, under whichever expression that names the server; `undefined` for none. */
  ofServices(server: string, namespace: string): Scraper | undefined {
    return this.#of(server).find((scraper) => scraper.namespace === namespace);
  }

  /** The last fetch of a list of hosts that has this one, with whatever parameters; `undefined` for none. */
  ofHost(path: string, { labels }: Pick<KnownHost, "labels">): Scraper | undefined {
    const lookup = hostLabelLookup(labels);
    return this.#scrapers.find(
      (scraper) => (scraper.list === path || scraper.list.startsWith(`${path}?`)) && passes(scraper, lookup),
    );
  }

  #of(server: string): readonly Scraper[] {
    const known = this.#named.get(server);
    if (known !== undefined) return known;
    const named = this.#scrapers.filter(
      (scraper) => scraper.server !== undefined && this.#read(scraper.server)(server),
    );
    this.#named.set(server, named);
    return named;
  }

  #read(expression: string): (name: string) => boolean {
    const known = this.#expressions.get(expression);
    if (known !== undefined) return known;
    const matches = parseRegularExpression("server", expression, { whole: true });
    this.#expressions.set(expression, matches);
    return matches;
  }
}

function passes({ selector }: Scraper, labels: LabelLookup): boolean {
  return selector === undefined || selectorMatches(selector, labels);
}
