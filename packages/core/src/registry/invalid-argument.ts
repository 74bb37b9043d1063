import { DiscoveryError } from "../error.ts";

const MAX_QUOTED = 100;

/** The `invalid_argument` that points at a fault: what was looked at, the value (cut after 100 characters), what was expected. */
export function invalidArgument(what: string, value: unknown, expected: string): DiscoveryError {
  return new DiscoveryError("invalid_argument", `${what} ${quoted(value)}: expected ${expected}`);
}

/** A value as it stands in a message: in quotes if it is text, never longer than a line, without control characters. */
export function quoted(value: unknown): string {
  if (typeof value !== "string") return cut(asJson(value));
  return JSON.stringify(cut(value).toWellFormed()).replace(/\p{Cc}/gu, "·");
}

/** What JSON cannot hold (a cycle, a bigint) still has a message. */
function asJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

function cut(text: string): string {
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
}
