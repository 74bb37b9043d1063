import { DiscoveryError, hostTargetGroups, parsePort } from "@org/discovery-core";
import * as v from "valibot";
import type { LongPoll } from "../long-poll.ts";
import { TargetGroupMessage } from "../messages/host-message.ts";
import { DocumentedRoutes } from "../openapi/documented-routes.ts";
import { operation } from "../openapi/operation.ts";
import { checkPresence } from "../readiness.ts";
import { readSelector } from "../selector-query.ts";
import { SelectorParameter } from "../service-filter.ts";
import type { TargetLists } from "../target-lists.ts";

const list = operation({
  id: "listHostTargets",
  method: "get",
  path: "/v1/sd/hosts",
  tag: "Prometheus",
  summary: "A target for each host, for http_sd",
  query: v.object({
    selector: SelectorParameter,
    port: v.optional(
      v.pipe(v.union([v.string(), v.array(v.string())]), v.description("Port of targets whose hostname has none.")),
    ),
  }),
  answer: { description: "Target groups.", schema: v.array(TargetGroupMessage) },
  problems: ["invalid_argument", "unimplemented", "unavailable"],
  polled: true,
});

/** `GET /v1/sd/hosts?selector=&port=`: hosts as target groups for Prometheus' http_sd, their labels as `__meta_discovery_label_*`. */
export function sdHostsRoutes(lists: TargetLists, poll: LongPoll): DocumentedRoutes {
  return new DocumentedRoutes().on(list, (c) =>
    poll.answer(c, (again) => {
      const unknown = checkPresence(c, lists.view);
      if (unknown !== undefined) return unknown;
      const selector = readSelector(c);
      const port = readPort(c.req.query("port") ?? "");
      const options = { selector, ...(port === undefined ? {} : { port }) };
      return lists.answer(c, { path: "/v1/sd/hosts", selector, port, again }, (hosts) =>
        hostTargetGroups(hosts, options),
      );
    }),
  );
}

function readPort(text: string): number | undefined {
  if (text === "") return undefined;
  const port = parsePort(text);
  if (port !== undefined) return port;
  throw new DiscoveryError(
    "invalid_argument",
    `query parameter port: expected 1 to 65535, got ${JSON.stringify(text.slice(0, 100))}`,
  );
}
