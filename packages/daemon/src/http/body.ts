import { DiscoveryError } from "@org/discovery-core";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { answerProblem } from "./errors.ts";

/** Largest request body, in bytes, of all routes but those that say otherwise. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** How much more of a body that is too long is read and thrown away, where the client says that it ends then. In bytes. */
const MAX_DISCARDED_BYTES = 32 * 1024 * 1024;

/**
 * The request body as text, empty where there is none. Counts what really comes, whatever `Content-Length` says, and keeps
 * no more than the limit.
 *
 * @throws DiscoveryError `invalid_argument` where it is not UTF-8 or ends early; an `HTTPException` with the 413 where it is too long.
 */
export async function readText(c: Context, maxBytes = MAX_BODY_BYTES): Promise<string> {
  const endBytes = readAtMost(c, maxBytes);
  let chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bodyChunks(c)) {
    length += chunk.byteLength;
    if (length <= maxBytes) chunks.push(chunk);
    else chunks = [];
    if (length > endBytes) break;
  }
  if (length > maxBytes) throw tooLarge(c, maxBytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch (error) {
    throw new DiscoveryError("invalid_argument", "request body: expected UTF-8", { cause: error });
  }
}

/**
 * After how many bytes reading ends. A client that is still sending when it is answered may lose the answer with the connection
 * (RFC 9112, 9.6), so one that says how much it sends may send it, within reason.
 */
function readAtMost(c: Context, maxBytes: number): number {
  const announced = Number(c.req.header("Content-Length") ?? Number.NaN);
  return announced <= maxBytes + MAX_DISCARDED_BYTES ? Math.max(announced, maxBytes) : maxBytes;
}

async function* bodyChunks(c: Context): AsyncGenerator<Uint8Array> {
  const reader = c.req.raw.body?.getReader();
  if (reader === undefined) return;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } catch (error) {
    throw new DiscoveryError("invalid_argument", "request body: ended early", { cause: error });
  } finally {
    // After an early return the rest is not wanted.
    void reader.cancel().catch(() => undefined);
  }
}

function tooLarge(c: Context, maxBytes: number): HTTPException {
  const detail = `request body: expected at most ${maxBytes} bytes`;
  // What was not read would be taken for the next request.
  const res = answerProblem(c, { code: "payload_too_large", detail, headers: { Connection: "close" } });
  return new HTTPException(413, { res });
}
