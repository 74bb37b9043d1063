import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context } from "hono";

/** The address of whoever sent the request; `undefined` where it came over no socket. */
export function remoteAddress(c: Context): string | undefined {
  const hasSocket = typeof c.env === "object" && c.env !== null && "incoming" in c.env;
  return hasSocket ? getConnInfo(c).remote.address : undefined;
}
