import { DiscoveryError } from "@org/discovery-core";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { answerProblem } from "./errors.ts";

/** Largest request body, in bytes, of all routes but those that say otherwise. */
export const MAX_BODY_BYTES = 1024 * 1024;

/**
 * The request body as text, empty where there is none. Counts what really comes, whatever `Content-Length` says, and reads
 * no further than the limit.
 *
 * @throws DiscoveryError `invalid_argument` where it is not UTF-8 or ends early; an `HTTPException` with the 413 where it is too long.
 */
export async function readText(c: Context, maxBytes = MAX_BODY_BYTES): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bodyChunks(c)) {
    length += chunk.byteLength;
    if (length > maxBytes) throw tooLarge(c, maxBytes);
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch (error) {
    throw new DiscoveryError("invalid_argument", "request body: expected UTF-8", { cause: error });
  }
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
