import * as v from "valibot";
import { ServiceMessage } from "../messages/service-message.ts";
import { DocumentedRoutes } from "../openapi/documented-routes.ts";
import { operation } from "../openapi/operation.ts";
import { registryToRead } from "../registry-access.ts";
import type { RegistryView } from "../registry-view.ts";
import { ServiceParameters, singleService } from "../single-service.ts";

const renew = operation({
  id: "renewService",
  method: "put",
  path: "/v1/services/:namespace/:id/lease",
  tag: "Services",
  summary: "Renews the lease of a service that was registered with a ttl",
  description: "The other daemons hear of it with this daemon's next announcement.",
  params: ServiceParameters,
  answer: { description: "The service.", schema: v.object({ service: ServiceMessage }) },
  problems: ["invalid_argument", "not_found", "unimplemented", "unavailable"],
});

/** Leases: renew. A renewal changes nothing in the store, and so works while the backend is away. */
export function leasesRoutes(view: RegistryView | undefined): DocumentedRoutes {
  return new DocumentedRoutes().on(renew, (c, { params: { namespace, id } }) => {
    const known = registryToRead(c, view);
    return c.json({ service: singleService(known, known.registry.renewService({ namespace, service: id })) });
  });
}
