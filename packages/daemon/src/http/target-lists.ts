import type { HostTargetGroups, Log } from "@org/discovery-core";
import type { Context } from "hono";
import type { ScraperLedger } from "../scrapers/scraper-ledger.ts";
import { fetchOf } from "./fetch-of.ts";
import { answerList } from "./list-answer.ts";
import { OmissionLog } from "./omission-log.ts";
import type { KnownHost, PresenceView } from "./presence-view.ts";
import { RenderedLists } from "./rendered-lists.ts";

export interface TargetListsOptions {
  readonly view: PresenceView;
  readonly log: Log;
  readonly ledger: ScraperLedger;
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

  /** Answers with the list of that address, which must say everything that `make` depends on besides the hosts. */
  answer(c: Context, list: string, make: (hosts: readonly KnownHost[]) => HostTargetGroups): Promise<Response> {
    const hosts = this.view.exported();
    const rendered = this.#rendered.get(hosts, list, () => {
      const { groups, omissions } = make(hosts);
      this.#omissions.report(omissions);
      return groups;
    });
    this.#ledger.record({ ...fetchOf(c), list, source: "hosts", etag: rendered.etag });
    return answerList(c, rendered);
  }
}
