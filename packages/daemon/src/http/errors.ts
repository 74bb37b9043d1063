import { STATUS_CODES } from "node:http";
import { isDiscoveryError, toError, type ErrorCode, type Log } from "@org/discovery-core";
import type { Context, ErrorHandler, NotFoundHandler } from "hono";
import { accepts } from "hono/accepts";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** The codes of discovery, and those that only HTTP has. */
export type ProblemCode = ErrorCode | "method_not_allowed" | "payload_too_large" | "internal";

const STATUS: Readonly<Record<ProblemCode, ContentfulStatusCode>> = {
  invalid_argument: 400,
  unauthenticated: 401,
  permission_denied: 403,
  not_found: 404,
  method_not_allowed: 405,
  revision_conflict: 409,
  payload_too_large: 413,
  internal: 500,
  unimplemented: 501,
  unavailable: 503,
  outcome_unknown: 504,
};

/** Characters of a path that an answer repeats. */
const MAX_QUOTED = 200;

/** Seconds after which a client may try again where nobody knows better. */
const RETRY_AFTER_SECONDS = 5;

/** What went wrong, as the client is told. */
export interface Problem {
  readonly code: ProblemCode;
  /** One sentence for people. Leaves the machine: no internals. */
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The HTTP status that stands for a code. */
export function statusOf(code: ProblemCode): number {
  return STATUS[code];
}

/** Answers with plain text, as lobby does, or with `application/problem+json` (RFC 9457) where the request accepts JSON. */
export function answerProblem(c: Context, { code, detail, headers = {} }: Problem): Response {
  const status = STATUS[code];
  const retry = code === "unavailable" ? { "Retry-After": String(RETRY_AFTER_SECONDS) } : {};
  const all = { Vary: "Accept", ...retry, ...headers };
  if (!acceptsJson(c)) return c.text(detail, status, all);
  const problem = { type: "about:blank", title: STATUS_CODES[status], status, detail, code };
  return c.body(JSON.stringify(problem), status, { "Content-Type": "application/problem+json", ...all });
}

/** Answers for whatever a handler threw. What nobody foresaw is logged, and the client learns only that it happened. */
export function thrownHandler(log: Log): ErrorHandler {
  return (thrown, c) => {
    if (isDiscoveryError(thrown)) return answerProblem(c, { code: thrown.code, detail: thrown.message });
    if (thrown instanceof HTTPException) return thrown.getResponse();
    log.error({ err: toError(thrown), method: c.req.method, path: c.req.path }, "request failed");
    return answerProblem(c, { code: "internal", detail: "internal error; the daemon's log has the reason" });
  };
}

/** Answers for a path that is no route. */
export const unknownRoute: NotFoundHandler = (c) => {
  const path = JSON.stringify(c.req.path.slice(0, MAX_QUOTED).toWellFormed());
  return answerProblem(c, { code: "not_found", detail: `no such route: ${path}` });
};

function acceptsJson(c: Context): boolean {
  const supports = ["text/plain", "application/json", "application/problem+json"];
  return accepts(c, { header: "Accept", supports, default: "text/plain" }) !== "text/plain";
}
