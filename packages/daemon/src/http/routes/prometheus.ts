import { lobbyTargetGroups } from "@org/discovery-core";
import { Hono } from "hono";
import { answerList } from "../list-answer.ts";
import { requirePresence } from "../readiness.ts";
import type { TargetLists } from "../target-lists.ts";

/**
 * `GET /v1/prometheus/:name`: what the labels `prometheus:<name>…` say, as Prometheus' http_sd reads it.
 *
 * @param defaultPort of targets whose labels give none (`NODE_EXPORTER_PORT`).
 */
export function prometheusRoutes(lists: TargetLists, defaultPort: number): Hono {
  return new Hono().get("/v1/prometheus/:name", requirePresence(lists.view), (c) => {
    const name = c.req.param("name");
    return answerList(
      c,
      lists.get(`prometheus ${name}`, (hosts) => lobbyTargetGroups(hosts, name, defaultPort)),
    );
  });
}
