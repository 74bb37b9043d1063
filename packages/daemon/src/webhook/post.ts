import { once } from "node:events";
import { request as requestHttp, type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { request as requestHttps } from "node:https";
import { toError, type Clock } from "@org/discovery-core";

export interface PostOptions {
  readonly clock: Clock;
  /** `http:` or `https:`. A user part becomes Basic authentication. */
  readonly url: URL;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
  /** For all of it, in milliseconds. */
  readonly timeoutMs: number;
  /** Ends it early. */
  readonly abort: AbortSignal;
}

/** How a POST ended. Once a status has come, nothing else counts. */
export type PostOutcome =
  | {
      readonly result: "answered";
      readonly status: number;
      readonly retryAfter: string | undefined;
      /** The beginning of the answer's body. */
      readonly text: string;
    }
  | { readonly result: "timeout" | "aborted" }
  | { readonly result: "failed"; readonly error: Error };

const MAX_ANSWER_BYTES = 1024;

/**
 * Sends one POST over a connection of its own and waits for the answer. Follows no redirect, reads no more than 1 KiB of the
 * answer's body. Never rejects.
 */
export async function post(options: PostOptions): Promise<PostOutcome> {
  const { clock, timeoutMs, abort } = options;
  const limit = new AbortController();
  const cancel = clock.after(timeoutMs, () => limit.abort());
  try {
    const response = await exchange(options, AbortSignal.any([limit.signal, abort]));
    const retryAfter = response.headers["retry-after"];
    const text = await beginningOf(response);
    return { result: "answered", status: response.statusCode ?? 0, retryAfter, text };
  } catch (error) {
    if (abort.aborted) return { result: "aborted" };
    return limit.signal.aborted ? { result: "timeout" } : { result: "failed", error: toError(error) };
  } finally {
    cancel();
  }
}

async function exchange({ url, headers, body }: PostOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const send = url.protocol === "https:" ? requestHttps : requestHttp;
  // With an agent of its own, the connection ends with the answer, and none is left when the daemon stops.
  const request = send(url, { method: "POST", headers, agent: false, signal });
  // After the answer began, there is nobody else to hear of an error.
  request.on("error", () => undefined);
  const answered = Promise.race([once(request, "response"), closedWithoutAnswer(request)]);
  request.end(body);
  const [response] = (await answered) as [IncomingMessage];
  return response;
}

/** Rejects. After the answer that is too late; before it, as for 101 (Switching Protocols), no other event would tell. */
async function closedWithoutAnswer(request: ClientRequest): Promise<never> {
  await once(request, "close");
  throw new Error("the connection was closed without an answer");
}

/** What came before the limit, the end, or an error. */
async function beginningOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= MAX_ANSWER_BYTES) break;
    }
  } catch {
    // Cut off, or too slow. The status was there before.
  }
  return Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString("utf8");
}
