import { DiscoveryError } from "@org/discovery-core";
import { Hono, type Handler } from "hono";
import { filterHosts } from "../host-filter.ts";
import { toDiscovery, type Discovery } from "../hosts-json.ts";
import type { PresenceView } from "../presence-view.ts";
import { requirePresence } from "../readiness.ts";
import { readSelector } from "../selector-query.ts";

/**
 * `GET /` = `GET /v1/discoveries`: the known hosts, by `labels`, `prefixes` and `selector`. `GET /v1/resolve?label=`: the
 * names of those with a label. `GET /v1/discovery`: this host as it is announced, whatever is known of others.
 */
export function discoveriesRoutes(view: PresenceView): Hono {
  const present = requirePresence(view);
  const list: Handler = (c) => {
    const labels = c.req.queries("labels") ?? [];
    const prefixes = c.req.queries("prefixes") ?? [];
    const hosts = filterHosts(view.hosts(), { labels, prefixes, selector: readSelector(c) });
    return c.json(hosts.map(toDiscovery));
  };
  return new Hono()
    .get("/", present, list)
    .get("/v1/discoveries", present, list)
    .get("/v1/resolve", present, (c) => {
      const label = c.req.query("label")?.trim() ?? "";
      if (label === "") throw noLabel();
      return c.json(
        view
          .hosts()
          .filter((host) => host.labels.includes(label))
          .map((host) => host.hostname),
      );
    })
    .get("/v1/discovery", async (c) => {
      const { hostname, labels } = await view.self();
      return c.json({ hostname, labels, last_check: 0 } satisfies Discovery);
    });
}

function noLabel(): DiscoveryError {
  return new DiscoveryError("invalid_argument", "label: expected one, as in /v1/resolve?label=service:smtp");
}
