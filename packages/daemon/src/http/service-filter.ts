import { parseSelector, type ServiceQuery } from "@org/discovery-core";
import * as v from "valibot";
import { NamespaceName } from "./messages/members.ts";
import { parseRegularExpression } from "./regular-expression.ts";

const expression = (of: string) =>
  v.optional(v.pipe(v.string(), v.description(`Regular expression (RE2) that some part of ${of} must match.`)));

/** A selector; where it is given several times all of them must hold. */
export const SelectorParameter = v.optional(
  v.pipe(v.union([v.string(), v.array(v.string())]), v.description("Kubernetes label selector.")),
);

/** How a list of services is filtered and sorted. */
export const ServiceFilter = v.object({
  namespace: v.optional(NamespaceName),
  selector: SelectorParameter,
  name: expression("the name"),
  server: expression("the name of one of its servers"),
  endpoint: expression("the endpoint"),
  sort: v.optional(
    v.pipe(
      v.picklist(["endpoint", "date", "name"], "expected endpoint, date or name"),
      v.description("date: by last registration, the oldest first. Default: endpoint."),
    ),
  ),
  unserved: v.optional(
    v.pipe(
      v.picklist(["true", "false", "1", "0"], "expected true or false"),
      v.description(
        "true: also services that are stored and not served: without a namespace, or with an expired lease.",
      ),
    ),
  ),
});

/** The filter as core asks it. Throws `invalid_argument` that points at the fault. */
export function serviceQuery(filter: v.InferOutput<typeof ServiceFilter>): ServiceQuery {
  const { namespace, selector, sort, unserved } = filter;
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(selector === undefined ? {} : { selector: parseSelector(selectorText(selector)) }),
    ...(sort === undefined ? {} : { sort }),
    ...expressions(filter),
    unserved: unserved === "true" || unserved === "1",
  };
}

/** The conditions of a repeated selector, joined. */
export function selectorText(selector: string | readonly string[]): string {
  return typeof selector === "string" ? selector : selector.filter((text) => text.trim() !== "").join(",");
}

function expressions(filter: v.InferOutput<typeof ServiceFilter>): Pick<ServiceQuery, "name" | "server" | "endpoint"> {
  const names = ["name", "server", "endpoint"] as const;
  const parsed = names.flatMap((name) => {
    const text = filter[name];
    return text === undefined ? [] : [[name, parseRegularExpression(`query parameter ${name}`, text)] as const];
  });
  return Object.fromEntries(parsed);
}
