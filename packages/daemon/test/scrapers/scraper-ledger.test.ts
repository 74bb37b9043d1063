import { VirtualClock } from "@org/discovery-core";
import { expect, it } from "vitest";
import { type Fetch, ScraperLedger } from "../../src/scrapers/scraper-ledger.ts";

const DAY_MS = 24 * 3600 * 1000;

function ledgerOf(limit?: number) {
  const clock = new VirtualClock();
  const ledger = new ScraperLedger({ clock, ...(limit === undefined ? {} : { limit }) });
  const fetch = (list: string, more: Partial<Fetch> = {}): void =>
    ledger.record({ list, source: "registry", etag: '"1"', intervalSeconds: 60, ...more });
  const lists = (): string[] => ledger.scrapers().map(({ list }) => list);
  return { clock, ledger, fetch, lists };
}

it("says since when there is something newer than what was fetched", async () => {
  const { clock, ledger, fetch } = ledgerOf();
  const lags = (): number[] => ledger.scrapers().map(({ lagSeconds }) => lagSeconds);
  fetch("a");
  fetch("hosts", { source: "hosts" });
  await clock.advance(10_000);
  expect(lags()).toEqual([0, 0]);
  ledger.changed("registry");
  await clock.advance(5000);
  ledger.changed("registry");
  await clock.advance(5000);
  expect(lags()).toEqual([10, 0]);
  ledger.changed("hosts");
  fetch("a");
  await clock.advance(1000);
  expect(lags()).toEqual([0, 1]);
  ledger.changed("registry");
  await clock.advance(2000);
  expect(lags()).toEqual([2, 3]);
});

it("tells a Prometheus that stopped from one that is slow to ask again", async () => {
  const { clock, ledger, fetch } = ledgerOf();
  fetch("a");
  fetch("b", { intervalSeconds: 600 });
  ledger.record({ list: "person", source: "registry", etag: '"1"' });
  const overdue = (): boolean[] => ledger.scrapers().map((scraper) => scraper.overdue);
  await clock.advance(180_000);
  expect(overdue()).toEqual([false, false, false]);
  await clock.advance(1);
  expect(overdue()).toEqual([true, false, false]);
  fetch("a");
  expect(overdue()).toEqual([false, false, false]);
});

it("is not deceived by a person who looks at the list of a Prometheus", async () => {
  const { clock, ledger, fetch } = ledgerOf();
  const begun = clock.now();
  fetch("a", { remote: "10.0.0.1" });
  await clock.advance(5000);
  ledger.record({ list: "a", source: "registry", etag: '"1"', remote: "10.0.0.2" });
  expect(ledger.scrapers()).toMatchObject([{ remote: "10.0.0.1", fetched: begun, fetches: 1 }]);
});

it("takes the looks of a request that waits as one fetch", async () => {
  const { clock, ledger } = ledgerOf();
  const looked = (etag: string, again: boolean): void =>
    ledger.record({ list: "a", source: "registry", etag, intervalSeconds: 60 }, again);
  looked('"1"', false);
  ledger.changed("registry");
  await clock.advance(1000);
  looked('"2"', true);
  expect(ledger.scrapers()).toMatchObject([{ fetches: 1, etag: '"2"', fetched: clock.now(), lagSeconds: 0 }]);
  looked('"2"', false);
  expect(ledger.scrapers()).toMatchObject([{ fetches: 2 }]);
});

it("is bounded: made-up lists make room, those that are fetched again stay", async () => {
  const { clock, fetch, lists } = ledgerOf(3);
  for (const list of ["a", "b", "a", "b"]) fetch(list);
  for (let made = 0; made < 1000; made++) fetch(`made-up ${made}`);
  expect(lists()).toEqual(["a", "b", "made-up 999"]);
  fetch("made-up 999");
  fetch("c");
  expect(lists()).toEqual(["a", "b", "made-up 999"]);
  fetch("x".repeat(1001));
  await clock.advance(DAY_MS);
  fetch("c");
  expect(lists()).toEqual(["c"]);
});
