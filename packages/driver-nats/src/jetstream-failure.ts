import { DiscoveryError, toError } from "@org/discovery-core";
import { ErrorCode, NatsError } from "nats";

/** Error codes of JetStream's API (nats-server, `server/errors.json`). */
export const JetStreamCode = {
  streamNotFound: 10_059,
  messageNotFound: 10_037,
  wrongLastSequence: 10_071,
  streamNameInUse: 10_058,
  notEnabled: 10_076,
  notEnabledForAccount: 10_039,
  messageTooLarge: 10_054,
  systemUnavailable: 10_008,
} as const;

/** JetStream's own code for what it refused; undefined where it did not answer. */
export function jetStreamCode(error: unknown): number | undefined {
  return error instanceof NatsError ? error.api_error?.err_code : undefined;
}

/** Nobody listens on the subject: nothing was done. */
function isNoResponders(error: unknown): boolean {
  return error instanceof NatsError && error.code === ErrorCode.NoResponders;
}

/** Nobody answered in time, while the connection lasted or until its end. */
export function isSilence(error: unknown): boolean {
  return error instanceof NatsError && error.code === ErrorCode.Timeout;
}

function noJetStream(cause?: unknown): DiscoveryError {
  return new DiscoveryError(
    "unimplemented",
    "this NATS server has no JetStream: registry calls can't be kept; presence works",
    { cause },
  );
}

/** The bucket's servers are electing who speaks for it. */
export function leaderless(): DiscoveryError {
  return new DiscoveryError("unavailable", "JetStream: the bucket's servers are electing a leader");
}

/**
 * What a failed call of JetStream's API means.
 * @param hasJetStream whether the connected server says that it runs JetStream: then silence is a passing state.
 */
export function jetStreamFailure(error: unknown, hasJetStream: boolean): DiscoveryError {
  if (error instanceof DiscoveryError) return error;
  const code = jetStreamCode(error);
  if (code === JetStreamCode.notEnabled || code === JetStreamCode.notEnabledForAccount) return noJetStream(error);
  if (isNoResponders(error) && !hasJetStream) return noJetStream(error);
  return new DiscoveryError("unavailable", `JetStream: ${describe(error)}`, { cause: error });
}

/** What JetStream or its client said, in words. */
export function describe(error: unknown): string {
  if (!(error instanceof NatsError)) return toError(error).message;
  if (error.api_error !== undefined) return `${error.api_error.description} (${error.api_error.err_code})`;
  if (isNoResponders(error)) return "no answer: the bucket is missing, or its servers are electing a leader";
  if (isSilence(error)) return "no answer in time";
  return error.message;
}
