import { DiscoveryError, parseSelector } from "@org/discovery-core";
import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import * as v from "valibot";
import { WATCHED_KINDS, type WatchedKind } from "../../watch/watched-item.ts";
import type { WatchFilter } from "../../watch/watch-filter.ts";
import type { WatchHub } from "../../watch/watch-hub.ts";
import { NamespaceName } from "../messages/members.ts";
import { DocumentedRoutes } from "../openapi/documented-routes.ts";
import { operation } from "../openapi/operation.ts";
import type { PresenceView } from "../presence-view.ts";
import { checkPresence } from "../readiness.ts";
import { registryToRead } from "../registry-access.ts";
import type { RegistryView } from "../registry-view.ts";
import { SelectorParameter, selectorText } from "../service-filter.ts";

const Kinds = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.description(`Comma separated, of ${WATCHED_KINDS.join(", ")}. Default: all that this daemon knows.`),
);

const watch = operation({
  id: "watch",
  method: "get",
  path: "/v1/watch",
  tag: "Daemon",
  summary: "Follows what changes, as server-sent events",
  description:
    "An event `snapshot` with everything, then an event `change` for each thing that came, changed or went; a comment " +
    "after 15 s of silence. With `Last-Event-ID` it goes on from there, or begins with a snapshot where it can't.",
  query: v.object({
    kinds: v.optional(Kinds),
    namespace: v.optional(NamespaceName),
    selector: SelectorParameter,
  }),
  answer: { description: "A stream of events.", type: "text/event-stream", schema: v.string() },
  problems: ["invalid_argument", "unimplemented", "unavailable"],
});

export interface WatchRoutesOptions {
  readonly hub: WatchHub;
  readonly view: PresenceView;
  readonly registry: RegistryView | undefined;
}

/** `GET /v1/watch?kinds=&namespace=&selector=`: what changes, as server-sent events, from a certain state on. */
export function watchRoutes({ hub, view, registry }: WatchRoutesOptions): DocumentedRoutes {
  return new DocumentedRoutes().on(watch, (c, { query }) => {
    const kinds = readKinds(query.kinds) ?? knownKinds(view, registry);
    const selector = parseSelector(selectorText(query.selector ?? ""));
    if (kinds.has("hosts")) {
      const problem = checkPresence(c, view);
      if (problem !== undefined) return problem;
    }
    if (kinds.size > 1 || !kinds.has("hosts")) registryToRead(c, registry);
    // A comment in a buffer of a proxy keeps nobody alive.
    c.header("X-Accel-Buffering", "no");
    c.header("Content-Type", "text/event-stream");
    return answerStream(c, hub, { kinds, namespace: query.namespace, selector });
  });
}

function answerStream(c: Context, hub: WatchHub, filter: WatchFilter): Response {
  if (c.req.method === "HEAD") return c.body(null);
  const stream = hub.open({ filter, lastEventId: c.req.header("Last-Event-ID"), cutOff: () => destroySocket(c) });
  // The stream learns of a client that goes only once it is being read.
  c.req.raw.signal.addEventListener("abort", () => stream.end(), { once: true });
  return c.body(stream.body);
}

/** A client that does not read would keep its connection, and what is buffered for it. */
function destroySocket(c: Context): void {
  const bindings = c.env as Partial<HttpBindings> | undefined;
  bindings?.outgoing?.destroy();
}

function readKinds(given: string | readonly string[] | undefined): ReadonlySet<WatchedKind> | undefined {
  if (given === undefined) return undefined;
  const names = (typeof given === "string" ? given : given.join(",")).split(",").map((name) => name.trim());
  const kinds = names.filter((name) => name !== "").map(readKind);
  return kinds.length === 0 ? undefined : new Set(kinds);
}

function readKind(name: string): WatchedKind {
  const kind = WATCHED_KINDS.find((each) => each === name);
  if (kind !== undefined) return kind;
  const got = JSON.stringify(name.slice(0, 100).toWellFormed());
  throw new DiscoveryError(
    "invalid_argument",
    `query parameter kinds: expected ${WATCHED_KINDS.join(", ")}, got ${got}`,
  );
}

/** What this installation can tell at all, be it now or later. */
function knownKinds(view: PresenceView, registry: RegistryView | undefined): ReadonlySet<WatchedKind> {
  const hasHosts = view.notReady()?.code !== "unimplemented";
  const hasRegistry = registry !== undefined && registry.notReady()?.code !== "unimplemented";
  return new Set(WATCHED_KINDS.filter((kind) => (kind === "hosts" ? hasHosts : hasRegistry)));
}
