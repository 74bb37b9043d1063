import { DiscoveryError, isDiscoveryError } from "@org/discovery-core";
import { ErrorCode, NatsError } from "nats";

const REFUSED: readonly string[] = [
  ErrorCode.AuthorizationViolation,
  ErrorCode.AuthenticationExpired,
  ErrorCode.AuthenticationTimeout,
  ErrorCode.AccountExpired,
  ErrorCode.BadAuthentication,
  ErrorCode.BadCreds,
];

/** Why there is no connection: `unauthenticated` where the server refused the credentials, else `unavailable`. */
export function connectionFailure(error: unknown, server: string): DiscoveryError {
  if (isDiscoveryError(error)) return error;
  const code = error instanceof NatsError ? error.code : "";
  if (REFUSED.includes(code)) {
    const hint = "the server refused these credentials; trying on, for they may be changed on either side";
    return new DiscoveryError("unauthenticated", `NATS at ${server}: ${hint}`, { cause: error });
  }
  const message = code === ErrorCode.ServerOptionNotAvailable ? "the server does not offer TLS" : messageOf(error);
  return new DiscoveryError("unavailable", `NATS at ${server}: ${message}`, { cause: error });
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message;
}
