import { readFileSync } from "node:fs";
import { DiscoveryError } from "@org/discovery-core";
import type { Context } from "hono";
import * as v from "valibot";
import { DocumentedRoutes } from "../openapi/documented-routes.ts";
import { operation } from "../openapi/operation.ts";

/** The page's files, and nothing else of that folder. */
const FILES: Readonly<Record<string, string>> = {
  "index.html": "text/html; charset=utf-8",
  "page.css": "text/css; charset=utf-8",
  "start.js": "text/javascript; charset=utf-8",
  "show-operations.js": "text/javascript; charset=utf-8",
  "request.js": "text/javascript; charset=utf-8",
};
/** As far from the compiled file as from this one. */
const FOLDER = new URL("../../../assets/swagger/", import.meta.url);
/** The page talks to this daemon and to nobody else. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const page = operation({
  id: "getPage",
  method: "get",
  path: "/swagger/",
  tag: "Daemon",
  summary: "A page to try these routes",
  answer: { description: "The page.", type: "text/html" },
  open: true,
});

const bare = operation({
  ...page,
  id: "findPage",
  path: "/swagger",
  summary: "Leads to the page",
  answer: { description: "It is at /swagger/.", type: "text/plain", status: 302 },
});

const file = operation({
  ...page,
  id: "getPageFile",
  path: "/swagger/:file",
  summary: "What the page is made of",
  params: v.object({ file: v.string() }),
  answer: { description: "The file.", type: ["text/html", "text/css", "text/javascript"] },
  problems: ["not_found"],
});

/** `GET /swagger/`: a page that shows `/openapi.json` and sends requests. No secret is in it, so it asks for no token; its requests do. */
export function swaggerRoutes(): DocumentedRoutes {
  const answer = (c: Context, name: string): Response => {
    const type = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
    if (type === undefined) throw noFile(name);
    const text = readFileSync(new URL(name, FOLDER), "utf8");
    return c.body(text, 200, { "Content-Type": type, "Content-Security-Policy": POLICY });
  };
  return new DocumentedRoutes()
    .on(page, (c) => answer(c, "index.html"))
    .on(bare, (c) => c.redirect("swagger/"))
    .on(file, (c, { params }) => answer(c, params.file));
}

function noFile(name: string): DiscoveryError {
  return new DiscoveryError("not_found", `no such file: ${JSON.stringify(name.slice(0, 100).toWellFormed())}`);
}
