import { type Catalog, DiscoveryError, queryServices, type Service, serviceId } from "@org/discovery-core";
import * as v from "valibot";
import { changeOf } from "../change-of.ts";
import { answerList } from "../list-answer.ts";
import type { LongPoll } from "../long-poll.ts";
import { givenMembers, NamespaceName, ReasonQuery } from "../messages/members.ts";
import { RegisterServiceRequest, serviceMessage, ServiceMessage } from "../messages/service-message.ts";
import { DocumentedRoutes } from "../openapi/documented-routes.ts";
import { operation } from "../openapi/operation.ts";
import { registryToChange, registryToRead } from "../registry-access.ts";
import type { RegistryView } from "../registry-view.ts";
import { RenderedLists } from "../rendered-lists.ts";
import { ServiceParameters, singleService } from "../single-service.ts";
import { ServiceFilter, serviceQuery } from "../service-filter.ts";

const register = operation({
  id: "registerService",
  method: "post",
  path: "/v1/services",
  tag: "Services",
  summary: "Registers a service, or updates the one with that namespace and endpoint",
  description:
    "Renews its lease, where it has one. 404, and nothing stored, without the namespace or a server that the selector matches.",
  body: RegisterServiceRequest,
  answer: { description: "The service, stored.", schema: v.object({ service: ServiceMessage }) },
  problems: ["invalid_argument", "not_found", "revision_conflict", "unimplemented", "unavailable", "outcome_unknown"],
  audited: true,
});

const list = operation({
  id: "listServices",
  method: "get",
  path: "/v1/services",
  tag: "Services",
  summary: "Lists services",
  query: ServiceFilter,
  answer: { description: "The services that are served.", schema: v.object({ services: v.array(ServiceMessage) }) },
  problems: ["invalid_argument", "unimplemented", "unavailable"],
  polled: true,
});

const unregister = operation({
  id: "unregisterService",
  method: "delete",
  path: "/v1/services/:namespace",
  tag: "Services",
  summary: "Removes a service",
  params: v.object({ namespace: NamespaceName }),
  query: v.object({ id: ServiceParameters.entries.id, ...ReasonQuery.entries }),
  answer: { description: "It is gone.", schema: v.object({}) },
  problems: ["invalid_argument", "not_found", "revision_conflict", "unimplemented", "unavailable", "outcome_unknown"],
  audited: true,
});

const get = operation({
  id: "getService",
  method: "get",
  path: "/v1/services/:namespace/:id",
  tag: "Services",
  summary: "One service, served or not, with its lease",
  params: ServiceParameters,
  answer: { description: "The service.", schema: v.object({ service: ServiceMessage }) },
  problems: ["invalid_argument", "not_found", "unimplemented", "unavailable"],
});

/** Services: register, list, show, remove. */
export function servicesRoutes(view: RegistryView | undefined, poll: LongPoll): DocumentedRoutes {
  const rendered = new RenderedLists();
  return new DocumentedRoutes()
    .on(register, async (c, { body }) => {
      const { registry, catalog } = registryToChange(c, view);
      const { name, endpoint, ttl, namespace, labels, selector, description } = body;
      const optional = givenMembers({
        namespace,
        labels,
        selector,
        description,
        ttlSeconds: ttl === 0 ? undefined : ttl,
      });
      const service = await registry.registerService({ name, endpoint, ...optional }, changeOf(c, body.reason));
      const servers = catalog.assignment.serversOf(service);
      return c.json({ service: serviceMessage({ ...service, servers }) });
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
      const { namespace } = params;
      await registry.unregisterService({ namespace, service: query.id }, changeOf(c, query.reason));
      return c.json({});
    })
    .on(get, (c, { params }) => {
      const known = registryToRead(c, view);
      return c.json({ service: singleService(known, find(known, params)) });
    });
}

function listed(catalog: Catalog, filter: v.InferOutput<typeof ServiceFilter>): unknown {
  const services = queryServices(catalog, serviceQuery(filter));
  return { services: services.map((service) => serviceMessage(service, { served: catalog.isServed(service) })) };
}

function find({ catalog }: RegistryView, { namespace, id }: { namespace: string; id: string }): Service {
  const service = catalog.service(namespace, id.includes(":") ? serviceId(id) : id);
  if (service !== undefined) return service;
  const shown = JSON.stringify(id.slice(0, 100).toWellFormed());
  throw new DiscoveryError("not_found", `service ${shown}: there is no such service in namespace "${namespace}"`);
}
