import { requireRegistry } from "@org/discovery-core";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { answerNotReady, markStale } from "./readiness.ts";
import type { RegistryView } from "./registry-view.ts";

/**
 * The registry for a read: nothing but a certain answer is a 200. Says in `X-Discovery-Stale` how old the answer may be.
 *
 * @throws DiscoveryError `unimplemented` where no backend keeps a registry; an `HTTPException` with the 503 until it is known.
 */
export function registryToRead(c: Context, view: RegistryView | undefined): RegistryView {
  const known = requireRegistry(view);
  markStale(c, known);
  const notReady = known.notReady();
  if (notReady === undefined) return known;
  const res = answerNotReady(c, notReady);
  throw new HTTPException(notReady.code === "unavailable" ? 503 : 501, { res });
}

/**
 * The registry for a change, which core refuses itself while it must.
 *
 * @throws DiscoveryError `unimplemented` where no backend keeps a registry.
 */
export function registryToChange(c: Context, view: RegistryView | undefined): RegistryView {
  const known = requireRegistry(view);
  return known.notReady()?.code === "unimplemented" ? registryToRead(c, known) : known;
}
