import type { Context } from "hono";
import { answerProblem } from "./errors.ts";
import type { NotReady } from "./not-ready.ts";
import type { PresenceView } from "./presence-view.ts";

/** Header that says for how many seconds the backend has been out of reach. */
const STALE = "X-Discovery-Stale";
/** Header that says how many of the hosts, or of the services, are silent and only held by the mass-loss guard. */
const GUARDED = "X-Discovery-Guarded";

/**
 * Guards every read of the fleet: the answer to give instead, where there is no certain one. Prometheus takes a 200 with `[]` as
 * "no targets". Says in `X-Discovery-Stale` how old the answer may be, in `X-Discovery-Guarded` how much of it the guard holds.
 */
export function checkPresence(c: Context, view: PresenceView): Response | undefined {
  markStale(c, view);
  markGuarded(c, view.held());
  const notReady = view.notReady();
  return notReady === undefined ? undefined : answerNotReady(c, notReady);
}

/** Puts the age of the knowledge on the answer while the backend is out of reach. */
export function markStale(c: Context, view: { staleSeconds(): number | undefined }): void {
  const seconds = view.staleSeconds();
  c.header(STALE, seconds === undefined ? undefined : String(Math.max(0, Math.floor(seconds))));
}

/** Says of how many things in the answer only the guard believes that they are there. */
export function markGuarded(c: Context, held: number): void {
  c.header(GUARDED, held > 0 ? String(held) : undefined);
}

/** 503 with `Retry-After` where it is a matter of time, 501 where it is not. */
export function answerNotReady(c: Context, notReady: NotReady): Response {
  if (notReady.code === "unimplemented") return answerProblem(c, { code: "unimplemented", detail: notReady.reason });
  const seconds = Math.max(1, Math.ceil(notReady.retryAfterSeconds));
  return answerProblem(c, {
    code: "unavailable",
    detail: notReady.reason,
    headers: { "Retry-After": String(seconds) },
  });
}
