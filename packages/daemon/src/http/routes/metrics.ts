import { Hono } from "hono";
import type { Metrics } from "../../metrics.ts";

/** `GET /metrics`: Prometheus' text exposition format. */
export function metricsRoutes({ registry }: Metrics): Hono {
  return new Hono().get("/metrics", async (c) => {
    return c.body(await registry.metrics(), 200, { "Content-Type": registry.contentType });
  });
}
