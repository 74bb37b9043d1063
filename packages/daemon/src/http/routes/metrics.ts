import type { Metrics } from "../../metrics.ts";
import { DocumentedRoutes } from "../openapi/documented-routes.ts";
import { operation } from "../openapi/operation.ts";

const metrics = operation({
  id: "getMetrics",
  method: "get",
  path: "/metrics",
  tag: "Daemon",
  summary: "The daemon's own metrics, for Prometheus",
  answer: { description: "Prometheus' text exposition format." },
});

/** `GET /metrics`: Prometheus' text exposition format. */
export function metricsRoutes({ registry }: Metrics): DocumentedRoutes {
  return new DocumentedRoutes().on(metrics, async (c) => {
    return c.body(await registry.metrics(), 200, { "Content-Type": registry.contentType });
  });
}
