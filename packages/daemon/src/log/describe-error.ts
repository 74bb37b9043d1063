import { DiscoveryError } from "@org/discovery-core";

const MAX_CAUSES = 5;

/**
 * An error as a log line has it. Only what is listed here: client libraries hang commands with passwords onto theirs.
 * Ours say all in their message; for any other the stack tells where it came from.
 */
export function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === "string" && { code }),
    ...(!(error instanceof DiscoveryError) && { stack: error.stack }),
    ...(error.cause !== undefined && depth < MAX_CAUSES && { cause: describeError(error.cause, depth + 1) }),
  };
}
