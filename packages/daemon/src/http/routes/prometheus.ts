import { lobbyTargetGroups } from "@org/discovery-core";
import * as v from "valibot";
import { selectHosts } from "../host-filter.ts";
import { lobbyListPath } from "../lobby-list-path.ts";
import type { LongPoll } from "../long-poll.ts";
import { TargetGroupMessage } from "../messages/host-message.ts";
import { DocumentedRoutes } from "../openapi/documented-routes.ts";
import { operation } from "../openapi/operation.ts";
import { checkPresence } from "../readiness.ts";
import { readSelector } from "../selector-query.ts";
import { SelectorParameter } from "../service-filter.ts";
import type { TargetLists } from "../target-lists.ts";

const list = operation({
  id: "listLabelledTargets",
  method: "get",
  path: "/v1/prometheus/:name",
  tag: "Prometheus",
  summary: "Targets as the hosts' labels prometheus:<name>… say, for http_sd",
  params: v.object({ name: v.string() }),
  query: v.object({ selector: SelectorParameter }),
  answer: { description: "Target groups.", schema: v.array(TargetGroupMessage) },
  problems: ["invalid_argument", "unimplemented", "unavailable"],
  polled: true,
});

/**
 * `GET /v1/prometheus/:name`: what the labels `prometheus:<name>…` say, as Prometheus' http_sd reads it.
 *
 * @param defaultPort of targets whose labels give none (`NODE_EXPORTER_PORT`).
 */
export function prometheusRoutes(lists: TargetLists, poll: LongPoll, defaultPort: number): DocumentedRoutes {
  return new DocumentedRoutes().on(list, (c, { params: { name } }) =>
    poll.answer(c, (again) => {
      const unknown = checkPresence(c, lists.view);
      if (unknown !== undefined) return unknown;
      const selector = readSelector(c);
      return lists.answer(c, { path: lobbyListPath(name), selector, again }, (hosts) =>
        lobbyTargetGroups(selectHosts(hosts, selector), name, defaultPort),
      );
    }),
  );
}
