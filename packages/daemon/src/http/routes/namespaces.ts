import * as v from "valibot";
import { changeOf } from "../change-of.ts";
import { answerList } from "../list-answer.ts";
import type { LongPoll } from "../long-poll.ts";
import { givenMembers, NamespaceName, ReasonQuery } from "../messages/members.ts";
import {
  NamespaceMessage,
  namespaceMessage,
  readExport,
  RegisterNamespaceRequest,
} from "../messages/namespace-message.ts";
import { DocumentedRoutes } from "../openapi/documented-routes.ts";
import { operation } from "../openapi/operation.ts";
import { parseRegularExpression } from "../regular-expression.ts";
import { registryToChange, registryToRead } from "../registry-access.ts";
import type { RegistryView } from "../registry-view.ts";
import { RenderedLists } from "../rendered-lists.ts";

const NamespaceFilter = v.object({
  name: v.optional(
    v.pipe(v.string(), v.description("Regular expression (RE2) that some part of the name must match.")),
  ),
});

const register = operation({
  id: "registerNamespace",
  method: "post",
  path: "/v1/namespaces",
  tag: "Namespaces",
  summary: "Registers a namespace, or changes the export config of the one with that name",
  body: RegisterNamespaceRequest,
  answer: { description: "The namespace, stored.", schema: v.object({ namespace: NamespaceMessage }) },
  problems: ["invalid_argument", "revision_conflict", "unimplemented", "unavailable", "outcome_unknown"],
  audited: true,
});

const list = operation({
  id: "listNamespaces",
  method: "get",
  path: "/v1/namespaces",
  tag: "Namespaces",
  summary: "Lists namespaces by name; default is always among them",
  query: NamespaceFilter,
  answer: { description: "The namespaces.", schema: v.object({ namespaces: v.array(NamespaceMessage) }) },
  problems: ["invalid_argument", "unimplemented", "unavailable"],
  polled: true,
});

const unregister = operation({
  id: "unregisterNamespace",
  method: "delete",
  path: "/v1/namespaces/:name",
  tag: "Namespaces",
  summary: "Removes a namespace and its services",
  params: v.object({ name: NamespaceName }),
  query: ReasonQuery,
  answer: { description: "Both are gone.", schema: v.object({}) },
  problems: ["invalid_argument", "not_found", "revision_conflict", "unimplemented", "unavailable", "outcome_unknown"],
  audited: true,
});

/** Namespaces: register, list, remove. */
export function namespacesRoutes(view: RegistryView | undefined, poll: LongPoll): DocumentedRoutes {
  const rendered = new RenderedLists();
  return new DocumentedRoutes()
    .on(register, async (c, { body }) => {
      const { registry } = registryToChange(c, view);
      const input = { name: body.name, ...givenMembers({ export: readExport("request body export", body.export) }) };
      return c.json({ namespace: namespaceMessage(await registry.registerNamespace(input, changeOf(c, body.reason))) });
    })
    .on(list, (c, { query: { name } }) =>
      poll.answer(c, () => {
        const { catalog } = registryToRead(c, view);
        const matches = name === undefined ? () => true : parseRegularExpression("query parameter name", name);
        const listed = (): unknown => {
          const namespaces = catalog.namespaces().filter((namespace) => matches(namespace.name));
          return { namespaces: namespaces.map(namespaceMessage) };
        };
        return answerList(c, rendered.get(catalog.version, name ?? "", listed));
      }),
    )
    .on(unregister, async (c, { params, query }) => {
      const { registry } = registryToChange(c, view);
      await registry.unregisterNamespace(params.name, changeOf(c, query.reason));
      return c.json({});
    });
}
