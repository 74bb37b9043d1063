import type { Context } from "hono";
import { acceptsGzip } from "./accepts-gzip.ts";
import type { RenderedList } from "./rendered-list.ts";

/**
 * Answers with a rendered list, compressed where the client accepts that; with 304 to a client that says it has exactly this one
 * (RFC 9110, 13.1.2), in whichever encoding, and to no other.
 */
export async function answerList(c: Context, list: RenderedList): Promise<Response> {
  c.header("Vary", "Accept-Encoding");
  const ifNoneMatch = c.req.header("If-None-Match");
  const known = list.etags.find((etag) => hasAlready(ifNoneMatch, etag));
  if (known !== undefined) return c.body(null, 304, { ETag: known });
  const { bytes, etag, encoding } = await list.encoded(acceptsGzip(c.req.header("Accept-Encoding")));
  const headers = { "Content-Type": "application/json", ETag: etag };
  return c.body(bytes, 200, encoding === undefined ? headers : { ...headers, "Content-Encoding": encoding });
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
