import type { Clock, Log } from "@org/discovery-core";
import { Hono } from "hono";
import type { Metrics } from "../metrics.ts";
import { requireToken } from "./authentication.ts";
import { thrownHandler, unknownRoute } from "./errors.ts";
import { refuseOtherMethods } from "./method-not-allowed.ts";
import type { PresenceView } from "./presence-view.ts";
import { measureRequests } from "./request-metrics.ts";
import { discoveriesRoutes } from "./routes/discoveries.ts";
import { guardRoutes } from "./routes/guard.ts";
import { healthRoutes } from "./routes/health.ts";
import { labelsRoutes, type LabelEditor } from "./routes/labels.ts";
import { metricsRoutes } from "./routes/metrics.ts";
import { prometheusRoutes } from "./routes/prometheus.ts";
import { sdHostsRoutes } from "./routes/sd-hosts.ts";
import { requireSameOrigin } from "./same-origin.ts";
import { TargetLists } from "./target-lists.ts";

export interface AppOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly view: PresenceView;
  readonly labels: LabelEditor;
  /** What clients must present (`TOKEN`); `undefined` or empty: nothing. */
  readonly token: string | undefined;
  /** `NODE_EXPORTER_PORT`. */
  readonly defaultPort: number;
}

/**
 * The HTTP API. Everything but the health routes is behind the token; the order below is the order in which a request passes.
 */
export function createApp({ clock, log, metrics, view, labels, token, defaultPort }: AppOptions): Hono {
  const app = new Hono();
  const lists = new TargetLists(view, log);
  app.onError(thrownHandler(log));
  app.notFound(unknownRoute);
  app.use(measureRequests(clock, metrics));
  app.use(async (c, next) => {
    c.header("Cache-Control", "no-cache");
    c.header("X-Content-Type-Options", "nosniff");
    await next();
  });
  app.route("/", healthRoutes(view));
  app.use(token === undefined || token === "" ? requireSameOrigin : requireToken(token));
  app.route("/", discoveriesRoutes(view));
  app.route("/", labelsRoutes(labels, view));
  app.route("/", prometheusRoutes(lists, defaultPort));
  app.route("/", sdHostsRoutes(lists));
  app.route("/", guardRoutes(view, log));
  app.route("/", metricsRoutes(metrics));
  refuseOtherMethods(app);
  return app;
}
