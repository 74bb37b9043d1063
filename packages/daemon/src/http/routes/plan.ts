import { planChange } from "@org/discovery-core";
import { givenMembers } from "../messages/members.ts";
import { planMessage, PlanMessage, PlanRequest } from "../messages/plan-message.ts";
import { DocumentedRoutes } from "../openapi/documented-routes.ts";
import { operation } from "../openapi/operation.ts";
import { registryToRead } from "../registry-access.ts";
import type { RegistryView } from "../registry-view.ts";

const plan = operation({
  id: "planChange",
  method: "post",
  path: "/v1/plan",
  tag: "Registry",
  summary: "Which services a change of servers would move, without doing it",
  description: "Changes nothing. Servers are removed first, then added, then drained.",
  body: PlanRequest,
  answer: { description: "What would move.", schema: PlanMessage },
  problems: ["invalid_argument", "not_found", "unimplemented", "unavailable"],
});

/** `POST /v1/plan`: how many services, and which, would move. */
export function planRoutes(view: RegistryView | undefined): DocumentedRoutes {
  return new DocumentedRoutes().on(plan, (c, { body: { add, remove, drain, replicas } }) => {
    const { catalog } = registryToRead(c, view);
    const servers = add?.map(({ name, ...settings }) => ({ name, ...givenMembers(settings) }));
    return c.json(planMessage(planChange(catalog, givenMembers({ add: servers, remove, drain, replicas }))));
  });
}
