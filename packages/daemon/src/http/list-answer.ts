import type { Context } from "hono";
import type { RenderedList } from "./rendered-lists.ts";

/** Answers with a rendered list; with 304 to a client that says it has exactly this one (RFC 9110, 13.1.2), and to no other. */
export function answerList(c: Context, { json, etag }: RenderedList): Response {
  return answerTagged(c, etag, () => json);
}

/** As `answerList`, for JSON that is made only where the client does not have it. A weak tag says that it is the same in substance. */
export function answerTagged(c: Context, etag: string, json: () => string): Response {
  if (hasAlready(c.req.header("If-None-Match"), etag)) return c.body(null, 304, { ETag: etag });
  return c.body(json(), 200, { "Content-Type": "application/json", ETag: etag });
}

/** The comparison is the weak one, as `If-None-Match` wants it. */
function hasAlready(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const tags = ifNoneMatch.split(",").map((tag) => opaque(tag.trim()));
  return tags.includes(opaque(etag)) || tags.includes("*");
}

function opaque(tag: string): string {
  return tag.replace(/^W\//, "");
}
