import { Gauge, type Registry } from "prom-client";
import type { RegistryView } from "../http/registry-view.ts";

/** Adds the registry to the daemon's metrics, the first two as the original has them. Nothing is shown until it is known. */
export function addRegistryMetrics(registry: Registry, view: RegistryView): void {
  const { catalog, leases } = view;
  const isKnown = (): boolean => view.notReady() === undefined;
  const services = new Gauge({
    name: "discovery_services_count",
    help: "Services that a server scrapes, by namespace",
    labelNames: ["server", "namespace"] as const,
    registers: [registry],
    collect: () => {
      services.reset();
      if (!isKnown()) return;
      for (const { namespace, servers } of catalog.services()) {
        for (const server of servers) services.inc({ server, namespace });
      }
    },
  });
  const replicas: Gauge = new Gauge({
    name: "discovery_replication_factor",
    help: "How many servers scrape each service, if there are so many",
    registers: [registry],
    collect: () => replicas.set(catalog.assignment.replicas),
  });
  const guarded: Gauge = new Gauge({
    name: "discovery_services_guarded",
    help: "Services that nobody renews, and that are served only because the mass-loss guard holds them",
    registers: [registry],
    collect: () => guarded.set(leases.held),
  });
  const problems: Gauge = new Gauge({
    name: "discovery_registry_problems",
    help: "Values of the store that this daemon cannot read, skips, and leaves as they are",
    registers: [registry],
    collect: () => problems.set(view.problems().length),
  });
}
