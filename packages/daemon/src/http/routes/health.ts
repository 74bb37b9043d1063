import { Hono } from "hono";
import type { PresenceView } from "../presence-view.ts";
import { answerNotReady, markStale } from "../readiness.ts";

/** `GET /healthz`: the process answers. `GET /readyz`: and it knows all it should; a stale daemon stays ready, and says that it is stale. */
export function healthRoutes(view: PresenceView): Hono {
  return new Hono()
    .get("/healthz", (c) => c.text("ok"))
    .get("/readyz", (c) => {
      markStale(c, view);
      const notReady = view.notReady();
      // A daemon that only announces is ready for all it will ever do.
      if (notReady?.code === "unavailable") return answerNotReady(c, notReady);
      return c.text("ready");
    });
}
