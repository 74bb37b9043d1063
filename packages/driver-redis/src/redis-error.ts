import { DiscoveryError, toError } from "@org/discovery-core";

/** Words a server answers with while it cannot serve us at all; another connection may find it, or its successor, better. */
const UNUSABLE = ["LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "MOVED", "NOAUTH"];

/** How ioredis says that a command never left it. */
const NOT_SENT = ["Stream isn't writeable"];

/**
 * An error with the client's or the server's own words and nothing else: what ioredis throws carries the command with its
 * arguments, the password among them, and would carry it into the log.
 */
export function unavailable(address: string, thrown: unknown): DiscoveryError {
  return new DiscoveryError("unavailable", `redis ${address}: ${wordsOf(thrown)}`);
}

/** Says of a write what is known about its outcome. Only an answer of the server proves that nothing was written. */
export function writeError(address: string, what: string, thrown: unknown): DiscoveryError {
  if (thrown instanceof DiscoveryError) return thrown;
  if (isAnswer(thrown) || wasNotSent(thrown)) {
    return new DiscoveryError("unavailable", `${what}: not written: redis ${address}: ${wordsOf(thrown)}`);
  }
  return new DiscoveryError(
    "outcome_unknown",
    `${what}: may or may not be written: redis ${address} was lost before it answered: ${wordsOf(thrown)}`,
  );
}

/** True for what the server itself answered, such as `-READONLY …`. */
export function isAnswer(thrown: unknown): thrown is Error {
  return thrown instanceof Error && thrown.name === "ReplyError";
}

/** True for an answer after which the connection is of no more use. */
export function isUnusable(thrown: unknown): boolean {
  return isAnswer(thrown) && UNUSABLE.some((code) => thrown.message.startsWith(code));
}

/** True for an error that says only that it is over; what the client reported before it says why. */
export function isBareEnd(thrown: unknown): boolean {
  return toError(thrown).message === "Connection is closed.";
}

function wasNotSent(thrown: unknown): boolean {
  return NOT_SENT.some((words) => toError(thrown).message.startsWith(words));
}

/** The message; those of all attempts, sorted, where a host name has several addresses or several nodes were asked. */
export function wordsOf(thrown: unknown): string {
  if (thrown instanceof AggregateError) return thrown.errors.map(wordsOf).toSorted().join("; ");
  return toError(thrown).message;
}
