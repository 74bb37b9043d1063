import type { Problem } from "@org/discovery-core";
import { DocumentedRoutes } from "../openapi/documented-routes.ts";
import { operation } from "../openapi/operation.ts";
import { oneLine } from "../../config/given.ts";
import type { PresenceView } from "../presence-view.ts";
import { answerNotReady, markStale } from "../readiness.ts";
import type { RegistryView } from "../registry-view.ts";

const live = operation({
  id: "isAlive",
  method: "get",
  path: "/healthz",
  tag: "Daemon",
  summary: "Whether the process answers",
  answer: { description: "ok" },
  open: true,
});

const ready = operation({
  id: "isReady",
  method: "get",
  path: "/readyz",
  tag: "Daemon",
  summary: "Whether the daemon knows all it should",
  description: "A stale daemon is ready, and says in X-Discovery-Stale that it is stale.",
  answer: { description: "ready, and after that what is degraded, if anything is." },
  problems: ["unavailable"],
  open: true,
});

/** Most problems that are told; the log and the metrics have no more to say about the rest. */
const MAX_TOLD = 5;

/** `GET /healthz`: the process answers. `GET /readyz`: and it knows all it should; a stale or degraded daemon stays ready, and says so. */
export function healthRoutes(view: PresenceView, registry: RegistryView | undefined): DocumentedRoutes {
  return new DocumentedRoutes()
    .on(live, (c) => c.text("ok"))
    .on(ready, (c) => {
      markStale(c, { staleSeconds: () => oldest(view.staleSeconds(), registry?.staleSeconds()) });
      // A daemon that only announces, or has no registry, is ready for all it will ever do.
      const reasons = [view.notReady(), registry?.notReady()];
      const notReady = reasons.find((reason) => reason?.code === "unavailable" && reason.passing !== true);
      if (notReady !== undefined) return answerNotReady(c, notReady);
      const degraded = degradations(registry);
      return c.text(degraded.length === 0 ? "ready" : `ready, degraded: ${degraded.join("; ")}`);
    });
}

function degradations(registry: RegistryView | undefined): string[] {
  const failure = registry?.refillFailure();
  const problems = registry?.problems() ?? [];
  return [
    ...(failure === undefined
      ? []
      : [`the backend lost the registry and can't be refilled: ${oneLine(failure.message)}`]),
    ...(problems.length === 0 ? [] : [told(problems)]),
  ];
}

function told(problems: readonly Problem[]): string {
  const shown = problems.slice(0, MAX_TOLD).map(({ key, reason }) => `${key} (${reason})`);
  const rest = problems.length > MAX_TOLD ? ", …" : "";
  const values = problems.length === 1 ? "1 registry value" : `${problems.length} registry values`;
  return `${values} can't be read: ${shown.join(", ")}${rest}`;
}

function oldest(...ages: readonly (number | undefined)[]): number | undefined {
  const known = ages.filter((age) => age !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
