import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { setActor } from "./change-of.ts";
import { answerProblem } from "./errors.ts";

const CREDENTIALS = /^(?:token|bearer) +(\S(?:.*\S)?) *$/i;

/**
 * Lets through who presents the token: `Authorization: Token <token>` as in lobby, or `Bearer` (RFC 6750), the scheme in any case.
 * Everybody else gets 401. The comparison takes the same time whatever is presented.
 */
export function requireToken(token: string): MiddlewareHandler {
  const expected = digest(Buffer.from(token, "utf8"));
  return async (c, next) => {
    const presented = CREDENTIALS.exec(c.req.header("Authorization") ?? "")?.[1];
    // Node gives header bytes as Latin-1; a token with other letters was sent as UTF-8.
    if (presented !== undefined && timingSafeEqual(digest(Buffer.from(presented, "latin1")), expected)) {
      setActor(c, "token");
      return next();
    }
    const detail = presented === undefined ? "expected the header Authorization: Token <token>" : "wrong token";
    const headers = { "WWW-Authenticate": 'Token realm="discovery"' };
    return answerProblem(c, { code: "unauthenticated", detail, headers });
  };
}

/** Equal lengths, which `timingSafeEqual` needs and which hide that of the token. */
function digest(value: Buffer): Buffer {
  return createHash("sha256").update(value).digest();
}
