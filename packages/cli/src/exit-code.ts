import { isDiscoveryError } from "@org/discovery-core";

/** How a command ends. */
export const EXIT = {
  done: 0,
  /** Refused, or not reached, or not confirmed: nothing was changed. */
  failed: 1,
  /** The command line is mistaken: nothing was sent. */
  misuse: 2,
  /** The answer to a change was lost: look before you try again. */
  unknown: 3,
} as const;

/** A mistake in the command line. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The exit code for whatever a command threw. */
export function exitCodeOf(thrown: unknown): number {
  if (isUsage(thrown)) return EXIT.misuse;
  return isDiscoveryError(thrown, "outcome_unknown") ? EXIT.unknown : EXIT.failed;
}

/** cac's own errors have no class that it exports. */
function isUsage(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown.name === "UsageError" || thrown.name === "CACError");
}
