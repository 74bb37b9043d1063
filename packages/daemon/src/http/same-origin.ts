import { isIP } from "node:net";
import type { MiddlewareHandler } from "hono";
import { answerProblem } from "./errors.ts";

const READS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses changes that a web page of somebody else sends, with 403. Without a token, listening on loopback is the only
 * protection, and a browser on the same machine is inside it. Browsers put `Origin` on every change; other clients send none.
 */
export const requireSameOrigin: MiddlewareHandler = async (c, next) => {
  const origin = c.req.header("Origin");
  if (origin === undefined || READS.has(c.req.method) || isOwn(origin, c.req.header("Host"))) return next();
  const detail = `changes from the web page ${JSON.stringify(origin.slice(0, 100))} are refused; set TOKEN to allow such clients`;
  return answerProblem(c, { code: "permission_denied", detail });
};

/**
 * A page served from this very address. A name other than localhost does not count even where it equals `Host`: its owner can
 * point it at 127.0.0.1 after the page has loaded (DNS rebinding).
 */
function isOwn(origin: string, host: string | undefined): boolean {
  const url = URL.parse(origin);
  if (url === null || url.host !== host?.toLowerCase()) return false;
  return url.hostname === "localhost" || isIP(url.hostname.replace(/^\[|\]$/g, "")) !== 0;
}
