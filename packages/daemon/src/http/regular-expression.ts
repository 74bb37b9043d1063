import { DiscoveryError } from "@org/discovery-core";
import { RE2JS, RE2JSException } from "re2js";

const MAX_LENGTH = 500;
/** Steps of the compiled expression: what one character of a text may cost. */
const MAX_PROGRAM = 1000;
const MAX_QUOTED = 100;

export interface RegularExpressionOptions {
  /** Whether it must match the whole text instead of some part of it. Default: false. */
  readonly whole?: boolean;
}

/**
 * Reads a regular expression from outside: RE2's syntax, of at most 500 characters, matched by RE2's engine in time linear in the
 * text, whatever the expression. The result tells whether a text matches.
 *
 * @param what names it in the error, for example `query parameter name`.
 * @throws DiscoveryError `invalid_argument` with what RE2 says is wrong.
 */
export function parseRegularExpression(
  what: string,
  text: string,
  { whole = false }: RegularExpressionOptions = {},
): (text: string) => boolean {
  try {
    const expression = compile(text);
    return whole ? (given) => expression.testExact(given) : (given) => expression.test(given);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const shown = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
    const message = `${what} ${JSON.stringify(shown.toWellFormed())}: expected a regular expression of RE2: ${error.message}`;
    throw new DiscoveryError("invalid_argument", message, { cause: error });
  }
}

function compile(text: string): RE2JS {
  if (text.length > MAX_LENGTH) {
    throw new RE2JSException(`at most ${MAX_LENGTH} characters are allowed, it has ${text.length}`);
  }
  const expression = RE2JS.compile(text);
  const steps = expression.programSize();
  if (steps > MAX_PROGRAM) {
    throw new RE2JSException(`its repetitions make ${steps} steps, more than the ${MAX_PROGRAM} allowed`);
  }
  return expression;
}
