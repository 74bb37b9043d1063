import { type AuditQuery, type Clock, DiscoveryError } from "@org/discovery-core";
import * as v from "valibot";
import { parseDuration } from "../../config/duration.ts";
import { givenMembers } from "../messages/members.ts";
import { HistoryMessage, historyMessage } from "../messages/history-message.ts";
import { DocumentedRoutes } from "../openapi/documented-routes.ts";
import { operation } from "../openapi/operation.ts";
import { registryToRead } from "../registry-access.ts";
import type { RegistryView } from "../registry-view.ts";

const SHOWN = 100;
const MAX_SHOWN = 100_000;
const TIME = "a time as 2026-01-31T12:00:00Z, or how long ago as 24h";
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

const exactly = (what: string) => v.optional(v.pipe(v.string(), v.description(`Only changes of this ${what}.`)));
const time = (bound: string) => v.optional(v.pipe(v.string(), v.description(`Only changes ${bound}: ${TIME}.`)));

const list = operation({
  id: "listHistory",
  method: "get",
  path: "/v1/history",
  tag: "Registry",
  summary: "Who changed what, when, from where and why; the newest change first",
  description: `The store keeps the newest changes of all daemons together, as many as --audit-limit says. All conditions must hold.`,
  query: v.object({
    kind: exactly("kind"),
    name: exactly("name"),
    namespace: exactly("namespace"),
    endpoint: exactly("endpoint"),
    actor: exactly("actor"),
    action: exactly("action"),
    since: time("at or after this time"),
    until: time("before this time"),
    limit: v.optional(
      v.pipe(
        v.string(),
        v.regex(/^[1-9]\d{0,5}$/, `expected a number from 1 to ${MAX_SHOWN}`),
        v.description(`How many changes at most, up to ${MAX_SHOWN}. Default: ${SHOWN}.`),
        v.transform(Number),
        v.maxValue(MAX_SHOWN, `expected a number from 1 to ${MAX_SHOWN}`),
      ),
    ),
  }),
  answer: {
    description: "The changes, and how many this daemon could not write down since its start.",
    schema: v.object({ entries: v.array(HistoryMessage), lost: v.number() }),
  },
  problems: ["invalid_argument", "unimplemented", "unavailable"],
});

/** `GET /v1/history`: who changed what, when, from where and why. */
export function historyRoutes(view: RegistryView | undefined, clock: Clock): DocumentedRoutes {
  return new DocumentedRoutes().on(list, (c, { query }) => {
    const { audit } = registryToRead(c, view);
    if (audit === undefined) {
      throw new DiscoveryError("unimplemented", "this daemon keeps no history: it was started with --audit-limit 0");
    }
    const { since, until, limit = SHOWN, ...conditions } = query;
    const bounds = { since: readTime("since", since, clock), until: readTime("until", until, clock) };
    const asked: AuditQuery = { ...givenMembers({ ...conditions, ...bounds }), limit };
    return c.json({ entries: audit.history(asked).map(historyMessage), lost: audit.lost });
  });
}

/** Unix milliseconds. */
function readTime(name: string, text: string | undefined, clock: Clock): number | undefined {
  if (text === undefined) return undefined;
  const ago = parseDuration(text);
  if (ago !== undefined) return clock.now() - ago;
  // A plus sign that was not encoded comes as a space.
  const at = DATE_TIME.test(text) ? Date.parse(text.replace(" ", "+")) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  const got = JSON.stringify(text.slice(0, 100).toWellFormed());
  throw new DiscoveryError("invalid_argument", `query parameter ${name}: expected ${TIME}, got ${got}`);
}
