import { DiscoveryError, type ErrorCode } from "@org/discovery-core";
import * as v from "valibot";

const ProblemSchema = v.object({ detail: v.string(), code: v.string() });

/** By status, for answers of whatever stands between client and daemon, and for codes that only HTTP has. */
const CODES: Readonly<Record<number, ErrorCode>> = {
  400: "invalid_argument",
  401: "unauthenticated",
  403: "permission_denied",
  404: "not_found",
  405: "unimplemented",
  409: "revision_conflict",
  413: "invalid_argument",
  429: "unavailable",
  501: "unimplemented",
  503: "unavailable",
  504: "outcome_unknown",
};
const OWN_CODES: ReadonlySet<string> = new Set<ErrorCode>([
  "invalid_argument",
  "unauthenticated",
  "permission_denied",
  "not_found",
  "revision_conflict",
  "unavailable",
  "outcome_unknown",
  "unimplemented",
]);
const MAX_DETAIL = 1000;

/**
 * The error that an answer stands for: the `code` and `detail` of its `application/problem+json` (RFC 9457), else what its status
 * means. A status that says nothing about a change leaves its outcome unknown.
 */
export async function problemOf(response: Response, isChange: boolean): Promise<DiscoveryError> {
  const text = await response.text().catch(() => "");
  const problem = v.safeParse(ProblemSchema, parseJson(text));
  const known = problem.success && isOwnCode(problem.output.code) ? problem.output.code : codeOf(response.status);
  const code = known === "outcome_unknown" && !isChange ? "unavailable" : known;
  const detail = problem.success ? problem.output.detail : `${response.status} ${response.statusText}: ${text.trim()}`;
  return new DiscoveryError(code ?? unclear(isChange), detail.slice(0, MAX_DETAIL));
}

/** Whatever else is below 500 refuses the request. */
function codeOf(status: number): ErrorCode | undefined {
  return CODES[status] ?? (status >= 400 && status < 500 ? "invalid_argument" : undefined);
}

/** What is known of a request that brought no answer that can be understood. */
export function unclear(isChange: boolean): ErrorCode {
  return isChange ? "outcome_unknown" : "unavailable";
}

function isOwnCode(code: string): code is ErrorCode {
  return OWN_CODES.has(code);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
