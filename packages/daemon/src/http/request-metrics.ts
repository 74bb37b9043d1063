import type { Clock } from "@org/discovery-core";
import type { Context, MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import type { Metrics } from "../metrics.ts";

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "DELETE"]);

/** Measures each request under its route pattern. Paths that are no route share one series. */
export function measureRequests(clock: Clock, { httpDuration }: Metrics): MiddlewareHandler {
  return async (c, next) => {
    const begun = clock.monotonic();
    await next();
    const method = METHODS.has(c.req.method) ? c.req.method : "other";
    const labels = { method, route: routePattern(c), status: String(c.res.status) };
    httpDuration.observe(labels, (clock.monotonic() - begun) / 1000);
  };
}

function routePattern(c: Context): string {
  const route = matchedRoutes(c).findLast(({ path }) => !path.endsWith("*"));
  return route?.path ?? "none";
}
