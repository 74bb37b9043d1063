import { formatSelector, type HostTargetGroups, type Log, type Selector } from "@org/discovery-core";
import type { Context } from "hono";
import type { ScraperLedger } from "../scrapers/scraper-ledger.ts";
import { fetchOf } from "./fetch-of.ts";
import { listAddress } from "./list-address.ts";
import { answerList } from "./list-answer.ts";
import { OmissionLog } from "./omission-log.ts";
import type { KnownHost, PresenceView } from "./presence-view.ts";
import { RenderedLists } from "./rendered-lists.ts";

export interface TargetListsOptions {
  readonly view: PresenceView;
  readonly log: Log;
  readonly ledger: ScraperLedger;
}

/** Which list of hosts is asked for. */
export interface HostListRequest {
  /** Of the route that has the list. */
  readonly path: string;
  readonly selector: Selector;
  /** Whatever else the list depends on. */
  readonly port?: number | undefined;
  /** Whether this is another look by a request that waits. */
  readonly again: boolean;
}

/** Target groups of the present fleet, rendered once for each of its states, with a warning for what had to be left out. */
export class TargetLists {
  readonly view: PresenceView;
  readonly #ledger: ScraperLedger;
  readonly #rendered = new RenderedLists();
  readonly #omissions: OmissionLog;

  constructor({ view, log, ledger }: TargetListsOptions) {
    this.view = view;
    this.#ledger = ledger;
    this.#omissions = new OmissionLog(log);
  }

  /** Answers with the list that `make` makes from the hosts and nothing else than the request. */
  answer(
    c: Context,
    { path, selector, port, again }: HostListRequest,
    make: (hosts: readonly KnownHost[]) => HostTargetGroups,
  ): Promise<Response> {
    const list = listAddress(path, { selector: formatSelector(selector), port });
    const hosts = this.view.exported();
    const rendered = this.#rendered.get(hosts, list, () => {
      const { groups, omissions } = make(hosts);
      this.#omissions.report(omissions);
      return groups;
    });
    this.#ledger.record({ ...fetchOf(c), list, selector, source: "hosts", etag: rendered.etag }, again);
    return answerList(c, rendered);
  }
}
