import type { Log } from "@org/discovery-core";
import { Hono } from "hono";
import { answerProblem, thrownHandler, unknownRoute } from "../http/errors.ts";
import { refuseOtherMethods } from "../http/method-not-allowed.ts";
import type { Metrics } from "../metrics.ts";

export interface ExporterAppOptions {
  readonly log: Log;
  readonly metrics: Pick<Metrics, "registry">;
  /** Why the files may not say what they shall; `undefined` while they do. */
  readonly waiting: () => string | undefined;
  /** Why what they say may be old; `undefined` while it is certain. */
  readonly doubt: () => string | undefined;
}

/**
 * `GET /healthz`: the process answers. `GET /readyz`: and the files say what they shall; in doubt they still do, and the answer
 * has the reason. `GET /metrics`. Nothing here tells what is registered, and nothing can be changed.
 */
export function exporterApp({ log, metrics, waiting, doubt }: ExporterAppOptions): Hono {
  const app = new Hono();
  app.onError(thrownHandler(log));
  app.notFound(unknownRoute);
  app.use(async (c, next) => {
    c.header("Cache-Control", "no-cache");
    c.header("X-Content-Type-Options", "nosniff");
    await next();
  });
  app.get("/healthz", (c) => c.text("ok"));
  app.get("/readyz", (c) => {
    const reason = waiting();
    if (reason !== undefined) return answerProblem(c, { code: "unavailable", detail: reason });
    const doubtful = doubt();
    return c.text(doubtful === undefined ? "ready" : `ready; stale: ${doubtful}`);
  });
  app.get("/metrics", async (c) => {
    const { registry } = metrics;
    return c.body(await registry.metrics(), 200, { "Content-Type": registry.contentType });
  });
  refuseOtherMethods(app);
  return app;
}
