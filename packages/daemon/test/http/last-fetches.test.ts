import { parseSelector, VirtualClock } from "@org/discovery-core";
import { expect, it } from "vitest";
import { LastFetches } from "../../src/http/last-fetches.ts";
import { type Fetch, ScraperLedger } from "../../src/scrapers/scraper-ledger.ts";

function ledgerOf(...fetches: readonly Omit<Fetch, "etag">[]): ScraperLedger {
  const ledger = new ScraperLedger({ clock: new VirtualClock() });
  for (const fetch of fetches) ledger.record({ ...fetch, etag: '"1"' });
  return ledger;
}

const ofServer = (server: string, namespace = "default"): Omit<Fetch, "etag"> => ({
  ...{ list: `/v1/sd/${server}/${namespace}`, source: "registry", server, namespace },
});

it("finds the list of a server under an expression that names it, and of no other namespace", () => {
  const fetches = new LastFetches(ledgerOf(ofServer("p[12]"), ofServer("p3", "web")));
  expect(fetches.ofServices("p2", "default")?.list).toBe("/v1/sd/p[12]/default");
  expect(fetches.ofServices("p3", "default")).toBeUndefined();
  expect(fetches.ofServices("p", "default")).toBeUndefined();
});

it("finds the list of hosts whose selector lets the host through", () => {
  const narrowed = (selector: string): Omit<Fetch, "etag"> => ({
    ...{ list: `/v1/sd/hosts?selector=${selector}`, source: "hosts", selector: parseSelector(selector) },
  });
  const fetches = new LastFetches(ledgerOf(narrowed("service=web"), { list: "/v1/sd/hostsx", source: "hosts" }));
  expect(fetches.ofHost("/v1/sd/hosts", { labels: ["service:web"] })).toBeDefined();
  expect(fetches.ofHost("/v1/sd/hosts", { labels: ["service:mail"] })).toBeUndefined();
});

it("reads each expression once, however much is asked", () => {
  const fetches = new LastFetches(ledgerOf(...Array.from({ length: 1000 }, (_, index) => ofServer(`p${index}.*`))));
  const begun = performance.now();
  for (let count = 0; count < 5000; count++) expect(fetches.ofServices(`p${count % 10}`, "default")).toBeDefined();
  // Reading them each time took ten minutes.
  expect(performance.now() - begun).toBeLessThan(15_000);
});
