import type { Hono } from "hono";
import { METHOD_NAME_ALL } from "hono/router";
import { answerProblem } from "./errors.ts";

/** Answers 405, with `Allow`, for every method that a route of this app does not have. Call it after all routes are there. */
export function refuseOtherMethods(app: Hono): void {
  const methods = new Map<string, Set<string>>();
  for (const { path, method } of app.routes) {
    if (method === METHOD_NAME_ALL) continue;
    const known = methods.get(path) ?? new Set();
    known.add(method);
    if (method === "GET") known.add("HEAD");
    methods.set(path, known);
  }
  for (const [path, known] of methods) {
    const allow = [...known].toSorted().join(", ");
    app.all(path, (c) => {
      const detail = `${c.req.method} is not allowed here; expected ${allow}`;
      return answerProblem(c, { code: "method_not_allowed", detail, headers: { Allow: allow } });
    });
  }
}
