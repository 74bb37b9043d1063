import { DocumentedRoutes } from "../openapi/documented-routes.ts";
import { openApiDocument } from "../openapi/document.ts";
import { operation, type Operation } from "../openapi/operation.ts";
import * as v from "valibot";

const get = operation({
  id: "getDocument",
  method: "get",
  path: "/openapi.json",
  tag: "Daemon",
  summary: "This document",
  answer: { description: "OpenAPI 3.1.", schema: v.object({ openapi: v.string() }) },
  open: true,
});

/** `GET /openapi.json`: what these operations are, and itself. Says nothing of what the daemon knows, and so asks for no token. */
export function openApiRoutes(operations: () => readonly Operation[]): DocumentedRoutes {
  let json: string | undefined;
  return new DocumentedRoutes().on(get, (c) => {
    json ??= JSON.stringify(openApiDocument(operations()));
    return c.body(json, 200, { "Content-Type": "application/json" });
  });
}
