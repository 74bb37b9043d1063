import { DiscoveryError, type Clock } from "@org/discovery-core";
import { createConnection } from "node:net";
import * as v from "valibot";
import { endpointName, type NatsEndpoint } from "./nats-url.ts";

export interface KnockOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What a server says of itself before anything else. */
export interface Greeting {
  readonly offersTls: boolean;
}

const schema = v.object({
  tls_required: v.optional(v.boolean(), false),
  tls_available: v.optional(v.boolean(), false),
});

const MAX_CHARACTERS = 65_536;

/**
 * Resolves with a server's greeting: every NATS server greets first. The client library must not be let near a server that accepts
 * and says nothing (a frozen one): it never closes the socket of such an attempt, nor can the attempt be cancelled. Fails with
 * `unavailable`.
 */
export function knock(endpoint: NatsEndpoint, { clock, timeoutMs, signal }: KnockOptions): Promise<Greeting> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: endpoint.host, port: endpoint.port });
    const finish = (outcome: Error | Greeting): void => {
      cancel();
      signal.removeEventListener("abort", abort);
      socket.removeAllListeners();
      // A destroyed socket may still report its end.
      socket.on("error", () => undefined);
      socket.destroy();
      if (outcome instanceof Error) reject(unavailable(endpoint, outcome));
      else resolve(outcome);
    };
    const abort = (): void => finish(new Error("closed"));
    const cancel = clock.after(timeoutMs, () => finish(new Error(`no answer within ${timeoutMs} ms`)));
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk) => {
      text += String(chunk);
      if (text.includes("\r\n") || text.length > MAX_CHARACTERS) finish(parse(text));
    });
    socket.once("error", finish);
    socket.once("close", () => finish(new Error("the connection was closed without a word")));
  });
}

function parse(text: string): Greeting | Error {
  const [, json = ""] = /^INFO (\{.*\})/.exec(text) ?? [];
  try {
    const { tls_required: isRequired, tls_available: isAvailable } = v.parse(schema, JSON.parse(json));
    return { offersTls: isRequired || isAvailable };
  } catch (error) {
    return new Error("what answers there is no NATS server", { cause: error });
  }
}

function unavailable(endpoint: NatsEndpoint, cause: Error): DiscoveryError {
  return new DiscoveryError("unavailable", `NATS at ${endpointName(endpoint)}: ${cause.message}`, { cause });
}
