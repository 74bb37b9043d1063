import type { Log } from "@org/discovery-core";
import * as v from "valibot";
import { changeOf } from "../change-of.ts";
import { Reason } from "../messages/members.ts";
import { DocumentedRoutes } from "../openapi/documented-routes.ts";
import { operation } from "../openapi/operation.ts";
import type { PresenceView } from "../presence-view.ts";
import type { RegistryView } from "../registry-view.ts";

const accept = operation({
  id: "acceptLoss",
  method: "post",
  path: "/v1/guard/accept",
  tag: "Hosts",
  summary: "Lets the hosts and services go that the mass-loss guard holds",
  query: v.object({ reason: Reason }),
  answer: { description: "How many those were.", schema: v.object({ accepted: v.number() }) },
  problems: ["invalid_argument"],
  audited: true,
});

/**
 * `POST /v1/guard/accept`: the operator believes the mass loss. Lets the hosts and services go that are held, and answers how many
 * those were.
 */
export function guardRoutes(view: PresenceView, registry: RegistryView | undefined, log: Log): DocumentedRoutes {
  return new DocumentedRoutes().on(accept, (c, { query }) => {
    const change = changeOf(c, query.reason);
    const hosts = view.acceptLoss();
    const services = registry?.leases.acceptLoss() ?? 0;
    log.warn({ hosts, services }, "mass loss accepted by an operator");
    if (hosts + services > 0) {
      const detail = `${hosts} hosts and ${services} services let go`;
      registry?.audit?.record({ action: "guard accepted", kind: "guard", name: "mass-loss guard", detail, ...change });
    }
    return c.json({ accepted: hosts + services });
  });
}
