import { DiscoveryError, type Clock } from "@org/discovery-core";
import { createConnection } from "node:net";
import { endpointName, type NatsEndpoint } from "./nats-url.ts";

export interface KnockOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Resolves when a server answers at the endpoint: every NATS server greets first. The client library must not be let near a
 * server that accepts and says nothing (a frozen one): it never closes the socket of such an attempt, nor can the attempt be
 * cancelled. Fails with `unavailable`.
 */
export function knock(endpoint: NatsEndpoint, { clock, timeoutMs, signal }: KnockOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: endpoint.host, port: endpoint.port });
    const finish = (error?: Error): void => {
      cancel();
      signal.removeEventListener("abort", abort);
      socket.removeAllListeners();
      // A destroyed socket may still report its end.
      socket.on("error", () => undefined);
      socket.destroy();
      if (error === undefined) resolve();
      else reject(unavailable(endpoint, error));
    };
    const abort = (): void => finish(new Error("closed"));
    const cancel = clock.after(timeoutMs, () => finish(new Error(`no answer within ${timeoutMs} ms`)));
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    socket.once("data", () => finish());
    socket.once("error", finish);
    socket.once("close", () => finish(new Error("the connection was closed without a word")));
  });
}

function unavailable(endpoint: NatsEndpoint, cause: Error): DiscoveryError {
  return new DiscoveryError("unavailable", `NATS at ${endpointName(endpoint)}: ${cause.message}`, { cause });
}
