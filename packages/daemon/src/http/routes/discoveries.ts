import { DiscoveryError, formatSelector } from "@org/discovery-core";
import type { Context } from "hono";
import * as v from "valibot";
import { filterHosts, selectHosts } from "../host-filter.ts";
import { toDiscovery, type Discovery } from "../hosts-json.ts";
import { answerList, answerTagged } from "../list-answer.ts";
import type { LongPoll } from "../long-poll.ts";
import { HostMessage } from "../messages/host-message.ts";
import { DocumentedRoutes } from "../openapi/documented-routes.ts";
import { operation } from "../openapi/operation.ts";
import type { PresenceView } from "../presence-view.ts";
import { checkPresence } from "../readiness.ts";
import { RenderedLists } from "../rendered-lists.ts";
import { readSelector } from "../selector-query.ts";
import { SelectorParameter } from "../service-filter.ts";

const Repeatable = v.optional(v.union([v.string(), v.array(v.string())]));
const labelList = (description: string) => v.pipe(Repeatable, v.description(description));

const list = operation({
  id: "listHosts",
  method: "get",
  path: "/v1/discoveries",
  tag: "Hosts",
  summary: "Lists the known hosts by name",
  query: v.object({
    labels: labelList("Comma separated: hosts with one of these labels, shown with those that match."),
    prefixes: labelList("The same with labels that begin like this; not looked at where there are labels."),
    selector: SelectorParameter,
  }),
  answer: { description: "The hosts.", schema: v.array(HostMessage) },
  problems: ["invalid_argument", "unimplemented", "unavailable"],
  polled: true,
});

const listAtRoot = operation({ ...list, id: "listHostsAtRoot", path: "/", summary: "The same as /v1/discoveries" });

const resolve = operation({
  id: "resolveLabel",
  method: "get",
  path: "/v1/resolve",
  tag: "Hosts",
  summary: "The names of the hosts with a label",
  query: v.object({ label: labelList("The label, exactly."), selector: SelectorParameter }),
  answer: { description: "The names.", schema: v.array(v.string()) },
  problems: ["invalid_argument", "unimplemented", "unavailable"],
  polled: true,
});

const self = operation({
  id: "getOwnHost",
  method: "get",
  path: "/v1/discovery",
  tag: "Hosts",
  summary: "This host as it is announced",
  answer: { description: "The host.", schema: HostMessage },
});

/**
 * `GET /` = `GET /v1/discoveries`: the known hosts, by `labels`, `prefixes` and `selector`. `GET /v1/resolve?label=`: the
 * names of those with a label. `GET /v1/discovery`: this host as it is announced, whatever is known of others.
 */
export function discoveriesRoutes(view: PresenceView, poll: LongPoll): DocumentedRoutes {
  const rendered = new RenderedLists();
  const names = new RenderedLists();
  const answer = (c: Context): Promise<Response> =>
    poll.answer(c, () => checkPresence(c, view) ?? answerHosts(c, view, rendered));
  return new DocumentedRoutes()
    .on(listAtRoot, answer)
    .on(list, answer)
    .on(resolve, (c) => poll.answer(c, () => checkPresence(c, view) ?? answerNames(c, view, names)))
    .on(self, async (c) => {
      const { hostname, labels } = await view.self();
      return c.json({ hostname, labels, last_check: 0 } satisfies Discovery);
    });
}

/** The tag stands for names and labels alone: when a host was last heard changes all the time. */
function answerHosts(c: Context, view: PresenceView, rendered: RenderedLists): Response {
  const labels = c.req.queries("labels") ?? [];
  const prefixes = c.req.queries("prefixes") ?? [];
  const all = view.hosts();
  const hosts = filterHosts(all, { labels, prefixes, selector: readSelector(c) });
  const key = JSON.stringify([labels, prefixes, c.req.queries("selector")]);
  const { etag } = rendered.get(all, key, () => hosts.map((host) => [host.hostname, host.labels]));
  return answerTagged(c, `W/${etag}`, () => JSON.stringify(hosts.map(toDiscovery)));
}

function answerNames(c: Context, view: PresenceView, rendered: RenderedLists): Promise<Response> {
  const label = c.req.query("label")?.trim() ?? "";
  if (label === "") throw noLabel();
  const selector = readSelector(c);
  const all = view.hosts();
  const list = rendered.get(all, JSON.stringify([label, formatSelector(selector)]), () => {
    const labelled = all.filter(({ labels }) => labels.includes(label));
    return selectHosts(labelled, selector).map(({ hostname }) => hostname);
  });
  return answerList(c, list);
}

function noLabel(): DiscoveryError {
  const expected = "expected one, as in /v1/resolve?label=service:smtp";
  return new DiscoveryError("invalid_argument", `query parameter label: ${expected}`);
}
