/**
 * What went wrong, as a closed set that HTTP and gRPC each map in one table.
 *
 * `outcome_unknown` says that a write may or may not have happened: the backend was lost between the request and its answer.
 * `unimplemented` says that this installation cannot do it at all, for example a registry call on a backend that keeps nothing.
 */
export type ErrorCode =
  | "invalid_argument"
  | "unauthenticated"
  | "permission_denied"
  | "not_found"
  | "revision_conflict"
  | "unavailable"
  | "outcome_unknown"
  | "unimplemented";

const NAME = "DiscoveryError";

/** The one error class of discovery. The message is for people, the code for programs; `cause` keeps what was caught. */
export class DiscoveryError extends Error {
  override readonly name = NAME;
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * True for a `DiscoveryError`, with that code where one is given. Goes by the name, not the class: a third party's driver may
 * bring a copy of core of its own.
 */
export function isDiscoveryError(error: unknown, code?: ErrorCode): error is DiscoveryError {
  if (!(error instanceof Error) || error.name !== NAME || !("code" in error)) return false;
  return code === undefined || error.code === code;
}

/** Whatever was thrown, as an `Error`. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
