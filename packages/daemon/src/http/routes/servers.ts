import { parseSelector, recordLookup, selectorMatches, type Catalog } from "@org/discovery-core";
import * as v from "valibot";
import { changeOf } from "../change-of.ts";
import { answerList } from "../list-answer.ts";
import type { LongPoll } from "../long-poll.ts";
import { givenMembers, Reason, ReasonQuery } from "../messages/members.ts";
import { RegisterServerRequest, ServerMessage, serverMessage } from "../messages/server-message.ts";
import { DocumentedRoutes } from "../openapi/documented-routes.ts";
import { operation } from "../openapi/operation.ts";
import { parseRegularExpression } from "../regular-expression.ts";
import { registryToChange, registryToRead } from "../registry-access.ts";
import type { RegistryView } from "../registry-view.ts";
import { RenderedLists } from "../rendered-lists.ts";
import { SelectorParameter, selectorText } from "../service-filter.ts";

const ServerFilter = v.object({
  selector: SelectorParameter,
  name: v.optional(
    v.pipe(v.string(), v.description("Regular expression (RE2) that some part of the name must match.")),
  ),
});
const Name = v.object({ name: v.string() });
const OneServer = v.object({ server: ServerMessage });
const CHANGE_PROBLEMS = [
  "invalid_argument",
  "not_found",
  "revision_conflict",
  "unimplemented",
  "unavailable",
  "outcome_unknown",
] as const;

const register = operation({
  id: "registerServer",
  method: "post",
  path: "/v1/servers",
  tag: "Servers",
  summary: "Registers an active server, or changes the labels and weight of the one with that name",
  body: RegisterServerRequest,
  answer: { description: "The server, stored.", schema: OneServer },
  problems: CHANGE_PROBLEMS,
  audited: true,
});

const list = operation({
  id: "listServers",
  method: "get",
  path: "/v1/servers",
  tag: "Servers",
  summary: "Lists servers by name",
  query: ServerFilter,
  answer: { description: "The servers, drained ones included.", schema: v.object({ servers: v.array(ServerMessage) }) },
  problems: ["invalid_argument", "unimplemented", "unavailable"],
  polled: true,
});

const unregister = operation({
  id: "unregisterServer",
  method: "delete",
  path: "/v1/servers/:name",
  tag: "Servers",
  summary: "Removes a server; its services go to others that match",
  params: Name,
  query: ReasonQuery,
  answer: { description: "It is gone.", schema: v.object({}) },
  problems: CHANGE_PROBLEMS,
  audited: true,
});

const drain = operation({
  id: "drainServer",
  method: "post",
  path: "/v1/servers/:name/drain",
  tag: "Servers",
  summary: "Gives the services of a server to others that match; it stays listed as leaving",
  params: Name,
  body: v.strictObject({ reason: Reason }),
  answer: { description: "The server, leaving.", schema: OneServer },
  problems: CHANGE_PROBLEMS,
  audited: true,
});

const activate = operation({
  ...drain,
  id: "activateServer",
  path: "/v1/servers/:name/activate",
  summary: "Makes a server active again",
  answer: { description: "The server, active.", schema: OneServer },
});

/** Servers: register, list, remove, drain and back. */
export function serversRoutes(view: RegistryView | undefined, poll: LongPoll): DocumentedRoutes {
  const rendered = new RenderedLists();
  return new DocumentedRoutes()
    .on(register, async (c, { body }) => {
      const { registry } = registryToChange(c, view);
      const { name, labels, weight, reason } = body;
      const server = await registry.registerServer({ name, ...givenMembers({ labels, weight }) }, changeOf(c, reason));
      return c.json({ server: serverMessage(server) });
    })
    .on(list, (c, { query }) =>
      poll.answer(c, () => {
        const { catalog } = registryToRead(c, view);
        return answerList(
          c,
          rendered.get(catalog.version, JSON.stringify(query), () => listed(catalog, query)),
        );
      }),
    )
    .on(unregister, async (c, { params, query }) => {
      const { registry } = registryToChange(c, view);
      await registry.unregisterServer(params.name, changeOf(c, query.reason));
      return c.json({});
    })
    .on(drain, async (c, { params, body }) => {
      const { registry } = registryToChange(c, view);
      return c.json({ server: serverMessage(await registry.drainServer(params.name, changeOf(c, body.reason))) });
    })
    .on(activate, async (c, { params, body }) => {
      const { registry } = registryToChange(c, view);
      return c.json({ server: serverMessage(await registry.activateServer(params.name, changeOf(c, body.reason))) });
    });
}

function listed(catalog: Catalog, { selector, name }: v.InferOutput<typeof ServerFilter>): unknown {
  const parsed = parseSelector(selectorText(selector ?? ""));
  const matches = name === undefined ? () => true : parseRegularExpression("query parameter name", name);
  const servers = catalog.servers().filter((server) => matches(server.name));
  const found = servers.filter(({ labels }) => selectorMatches(parsed, recordLookup(labels)));
  return { servers: found.map(serverMessage) };
}
