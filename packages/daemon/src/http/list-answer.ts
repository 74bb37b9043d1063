import type { Context } from "hono";
import type { RenderedList } from "./rendered-lists.ts";

/** Answers with a rendered list; with 304 to a client that says it has exactly this one (RFC 9110, 13.1.2), and to no other. */
export function answerList(c: Context, { json, etag }: RenderedList): Response {
  if (hasAlready(c.req.header("If-None-Match"), etag)) return c.body(null, 304, { ETag: etag });
  return c.body(json, 200, { "Content-Type": "application/json", ETag: etag });
}

function hasAlready(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const tags = ifNoneMatch.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes(etag) || tags.includes("*");
}
