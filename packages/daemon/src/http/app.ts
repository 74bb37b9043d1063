import type { Clock, Log } from "@org/discovery-core";
import { Hono } from "hono";
import type { Metrics } from "../metrics.ts";
import { addRegistryMetrics } from "../registry/registry-metrics.ts";
import { ScraperLedger } from "../scrapers/scraper-ledger.ts";
import { ChangeFeed } from "../watch/change-feed.ts";
import { WatchHub } from "../watch/watch-hub.ts";
import { requireToken } from "./authentication.ts";
import { thrownHandler, unknownRoute } from "./errors.ts";
import { LongPoll } from "./long-poll.ts";
import { refuseOtherMethods } from "./method-not-allowed.ts";
import type { DocumentedRoutes } from "./openapi/documented-routes.ts";
import type { PresenceView } from "./presence-view.ts";
import type { RegistryView } from "./registry-view.ts";
import { measureRequests } from "./request-metrics.ts";
import { backupRoutes } from "./routes/backup.ts";
import { discoveriesRoutes } from "./routes/discoveries.ts";
import { explainRoutes } from "./routes/explain.ts";
import { guardRoutes } from "./routes/guard.ts";
import { healthRoutes } from "./routes/health.ts";
import { historyRoutes } from "./routes/history.ts";
import { labelsRoutes, type LabelEditor } from "./routes/labels.ts";
import { leasesRoutes } from "./routes/leases.ts";
import { metricsRoutes } from "./routes/metrics.ts";
import { namespacesRoutes } from "./routes/namespaces.ts";
import { openApiRoutes } from "./routes/openapi.ts";
import { planRoutes } from "./routes/plan.ts";
import { serversRoutes } from "./routes/servers.ts";
import { servicesRoutes } from "./routes/services.ts";
import { swaggerRoutes } from "./routes/swagger.ts";
import { watchRoutes } from "./routes/watch.ts";
import { wipeRoutes } from "./routes/wipe.ts";
import { requireSameOrigin } from "./same-origin.ts";
import { targetRoutes } from "./target-routes.ts";

export interface AppOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** As `Math.random`. */
  readonly random: () => number;
  readonly metrics: Metrics;
  /** Aborts when the daemon stops: requests that wait for a change are answered then. */
  readonly stopping: AbortSignal;
  readonly view: PresenceView;
  /** `undefined` where no backend keeps one. */
  readonly registry: RegistryView | undefined;
  readonly labels: LabelEditor;
  /** What clients must present (`TOKEN`); `undefined` or empty: nothing. */
  readonly token: string | undefined;
  /** `NODE_EXPORTER_PORT`. */
  readonly defaultPort: number;
}

/**
 * The HTTP API. What is mounted before the token answers without it; the order below is the order in which a request passes.
 */
export function createApp(options: AppOptions): Hono {
  const { clock, log, metrics, view, registry, token } = options;
  const app = new Hono();
  app.onError(thrownHandler(log));
  app.notFound(unknownRoute);
  app.use(measureRequests(clock, metrics));
  app.use(async (c, next) => {
    c.header("Cache-Control", "no-cache");
    c.header("X-Content-Type-Options", "nosniff");
    await next();
  });
  const guarded = guardedRoutes(options);
  const open: readonly DocumentedRoutes[] = [
    healthRoutes(view, registry),
    openApiRoutes(() => operationsOf([...open, ...guarded])),
    swaggerRoutes(),
  ];
  mount(app, open);
  app.use(token === undefined || token === "" ? requireSameOrigin : requireToken(token));
  mount(app, guarded);
  refuseOtherMethods(app);
  return app;
}

function guardedRoutes(options: AppOptions): readonly DocumentedRoutes[] {
  const { clock, log, random, metrics, stopping, view, registry, labels } = options;
  const ledger = new ScraperLedger({ clock });
  const hub = new WatchHub({ clock, stopping, feed: new ChangeFeed({ random, presence: view, registry }) });
  if (registry !== undefined) addRegistryMetrics(metrics.registry, registry);
  const hostPoll = new LongPoll({ clock, stopping, onChange: (listener) => view.onChange(listener) });
  const poll = new LongPoll({
    clock,
    stopping,
    onChange: (listener) => registry?.catalog.onChange(listener) ?? (() => {}),
  });
  return [
    discoveriesRoutes(view, hostPoll),
    labelsRoutes(labels, view),
    ...targetRoutes({ ...options, ledger, hostPoll, poll }),
    watchRoutes({ hub, view, registry }),
    guardRoutes(view, registry, log),
    serversRoutes(registry, poll),
    namespacesRoutes(registry, poll),
    servicesRoutes(registry, poll),
    leasesRoutes(registry),
    historyRoutes(registry, clock),
    explainRoutes({ ...options, ledger }),
    planRoutes(registry),
    backupRoutes(registry, clock),
    wipeRoutes(registry, log),
    metricsRoutes(metrics),
  ];
}

function mount(app: Hono, all: readonly DocumentedRoutes[]): void {
  for (const { hono } of all) app.route("/", hono);
}

function operationsOf(all: readonly DocumentedRoutes[]): DocumentedRoutes["operations"] {
  return all.flatMap(({ operations }) => operations);
}
