import type { Service } from "@org/discovery-core";
import * as v from "valibot";
import { NamespaceName } from "./messages/members.ts";
import { serviceMessage, type ServiceMessage } from "./messages/service-message.ts";
import type { RegistryView } from "./registry-view.ts";

const ID_OR_ENDPOINT = /:|^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The part of a path that names one service. */
export const ServiceParameters = v.object({
  namespace: NamespaceName,
  id: v.pipe(
    v.string(),
    v.regex(ID_OR_ENDPOINT, "expected an id (UUID in lower case) or an endpoint URL"),
    v.description("Id of the service, or its endpoint: anything with a colon is one."),
  ),
});

/** A service with all there is to tell about it, as it was just found or written. */
export function singleService({ catalog }: RegistryView, service: Service): v.InferOutput<typeof ServiceMessage> {
  const assigned = { ...service, servers: catalog.assignment.serversOf(service) };
  return serviceMessage(assigned, { served: catalog.isServed(service), lease: catalog.lease(service) });
}
