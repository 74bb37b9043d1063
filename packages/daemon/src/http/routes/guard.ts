import type { Log } from "@org/discovery-core";
import { Hono } from "hono";
import type { PresenceView } from "../presence-view.ts";

/** `POST /v1/guard/accept`: the operator believes the mass loss. Lets the hosts go that are held, and answers how many those were. */
export function guardRoutes(view: PresenceView, log: Log): Hono {
  return new Hono().post("/v1/guard/accept", (c) => {
    const accepted = view.acceptLoss();
    log.warn({ hosts: accepted }, "mass loss accepted by an operator");
    return c.json({ accepted });
  });
}
