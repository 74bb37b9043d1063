import { parseSelector, type Selector } from "@org/discovery-core";
import type { Context } from "hono";

/**
 * The query parameter `selector`; where it is repeated all must hold, where it is missing everything matches.
 *
 * @throws DiscoveryError `invalid_argument` that points at the offending token.
 */
export function readSelector(c: Context): Selector {
  const texts = c.req.queries("selector") ?? [];
  return parseSelector(texts.filter((text) => text.trim() !== "").join(","));
}
