import { DiscoveryError, type ExportConfig, type Log } from "@org/discovery-core";
import * as v from "valibot";
import type { ScraperLedger } from "../../scrapers/scraper-ledger.ts";
import { fetchOf } from "../fetch-of.ts";
import { listAddress } from "../list-address.ts";
import { answerList } from "../list-answer.ts";
import type { LongPoll } from "../long-poll.ts";
import { TargetGroupMessage } from "../messages/host-message.ts";
import { NamespaceName } from "../messages/members.ts";
import { readExport } from "../messages/namespace-message.ts";
import { DocumentedRoutes } from "../openapi/documented-routes.ts";
import { operation } from "../openapi/operation.ts";
import { markGuarded } from "../readiness.ts";
import { registryToRead } from "../registry-access.ts";
import type { RegistryView } from "../registry-view.ts";
import { ServiceLists } from "../service-lists.ts";

const Config = v.optional(
  v.pipe(
    v.union([v.string(), v.array(v.string())]),
    v.description("standard, blackbox or disabled. Default: the namespace's own export config."),
  ),
);

const list = operation({
  id: "listServiceTargets",
  method: "get",
  path: "/v1/sd/:server/:namespace",
  tag: "Prometheus",
  summary: "The services of a namespace that a server scrapes, for http_sd",
  description:
    "Empty for a namespace that is disabled or does not exist. 503 as long as the registry is not known for certain: " +
    "Prometheus then keeps the targets that it has.",
  params: v.object({
    server: v.pipe(v.string(), v.description("Regular expression (RE2) that the whole name of the server must match.")),
    namespace: NamespaceName,
  }),
  query: v.object({ config: Config, "export-config": Config }),
  answer: { description: "Target groups.", schema: v.array(TargetGroupMessage) },
  problems: ["invalid_argument", "unimplemented", "unavailable"],
  polled: true,
});

export interface SdServicesOptions {
  readonly log: Log;
  readonly view: RegistryView | undefined;
  readonly poll: LongPoll;
  readonly ledger: ScraperLedger;
}

/** `GET /v1/sd/{server}/{namespace}?config=`: what one Prometheus scrapes, for its http_sd. */
export function sdServicesRoutes({ log, view, poll, ledger }: SdServicesOptions): DocumentedRoutes {
  const lists = new ServiceLists(log);
  return new DocumentedRoutes().on(list, (c, { params: { server, namespace }, query }) => {
    const config = readConfig(query.config, query["export-config"]);
    return poll.answer(c, (again) => {
      const { catalog, leases } = registryToRead(c, view);
      markGuarded(c, leases.held);
      const rendered = lists.get(catalog, { server, namespace, config });
      const list = listAddress(`/v1/sd/${server}/${namespace}`, { config });
      const { revision } = catalog;
      const fetch = { ...fetchOf(c), list, server, namespace, revision, etag: rendered.etag };
      ledger.record({ ...fetch, source: "registry" }, again);
      return answerList(c, rendered);
    });
  });
}

type Given = string | readonly string[] | undefined;

/** Both spellings are the original's. Throws `invalid_argument` for what is no config, and where they differ. */
function readConfig(...given: readonly Given[]): ExportConfig | undefined {
  const configs = new Set(
    given.flatMap((value) => value ?? []).map((value) => readExport("query parameter config", value)),
  );
  if (configs.size <= 1) return [...configs][0];
  throw new DiscoveryError(
    "invalid_argument",
    `query parameter config: expected one, got ${[...configs].join(" and ")}`,
  );
}
