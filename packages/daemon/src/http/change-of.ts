import { type Change, DiscoveryError } from "@org/discovery-core";
import type { Context } from "hono";
import { remoteAddress } from "./remote-address.ts";

const MAX_REASON = 1024;
const CONTROL = /\p{Cc}/u;
const ACTOR = "actor";

/** Notes who sent the request, once that is known. */
export function setActor(c: Context, actor: string): void {
  c.set(ACTOR, actor);
}

/**
 * Who asks for a change, from where, and why: `reason` of the body or query, else the header `X-Discovery-Reason`.
 *
 * @throws DiscoveryError `invalid_argument` for a reason over 1,024 characters, or with control characters.
 */
export function changeOf(c: Context, reason?: string | null): Change {
  const actor = (c.get(ACTOR) as string | undefined) ?? "anonymous";
  const why = readReason(reason ?? headerReason(c));
  const origin = remoteAddress(c);
  return { actor, ...(why === "" ? {} : { reason: why }), ...(origin === undefined ? {} : { origin }) };
}

/** Node gives header bytes as Latin-1; other letters were sent as UTF-8. */
function headerReason(c: Context): string {
  return Buffer.from(c.req.header("X-Discovery-Reason") ?? "", "latin1").toString("utf8");
}

function readReason(text: string): string {
  const reason = text.trim();
  if (reason.length <= MAX_REASON && !CONTROL.test(reason) && reason.isWellFormed()) return reason;
  const shown = JSON.stringify(reason.slice(0, 100).toWellFormed());
  const expected = `at most ${MAX_REASON} characters without control characters`;
  throw new DiscoveryError("invalid_argument", `reason ${shown}: expected ${expected}`);
}
