import { DiscoveryError, formatSelector, hostTargetGroups, parsePort } from "@org/discovery-core";
import { Hono } from "hono";
import { answerList } from "../list-answer.ts";
import { requirePresence } from "../readiness.ts";
import { readSelector } from "../selector-query.ts";
import type { TargetLists } from "../target-lists.ts";

/** `GET /v1/sd/hosts?selector=&port=`: hosts as target groups for Prometheus' http_sd, their labels as `__meta_discovery_label_*`. */
export function sdHostsRoutes(lists: TargetLists): Hono {
  return new Hono().get("/v1/sd/hosts", requirePresence(lists.view), (c) => {
    const selector = readSelector(c);
    const port = readPort(c.req.query("port") ?? "");
    const options = { selector, ...(port === undefined ? {} : { port }) };
    const key = `hosts ${port} ${formatSelector(selector)}`;
    return answerList(
      c,
      lists.get(key, (hosts) => hostTargetGroups(hosts, options)),
    );
  });
}

function readPort(text: string): number | undefined {
  if (text === "") return undefined;
  const port = parsePort(text);
  if (port !== undefined) return port;
  throw new DiscoveryError("invalid_argument", `port: expected 1 to 65535, got ${JSON.stringify(text.slice(0, 100))}`);
}
