import { DiscoveryError } from "../error.ts";
import type { Token } from "./lexer.ts";

const MAX_QUOTED = 100;
const CONTEXT = 40;

/**
 * The `invalid_argument` for a token that should not be there: quotes the selector, says what was expected, and marks the
 * place with a caret in an excerpt of one line. The position counts characters from 1.
 */
export function syntaxError(text: string, token: Token, expected: string): DiscoveryError {
  const got = token.kind === "end" ? "the end" : quote(token.text);
  const position = countCharacters(text.slice(0, token.start)) + 1;
  const before = printable(text.slice(Math.max(0, token.start - CONTEXT), token.start));
  const after = printable(text.slice(token.start, token.start + CONTEXT));
  const caret = `${" ".repeat(countCharacters(before))}^`;
  return new DiscoveryError(
    "invalid_argument",
    `selector ${quote(text)}: expected ${expected}, got ${got} at position ${position}\n  ${before}${after}\n  ${caret}`,
  );
}

function quote(text: string): string {
  const cut = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
  return JSON.stringify(cut.toWellFormed());
}

/** One column per character, so that the caret stands where it should. */
function printable(text: string): string {
  return text
    .toWellFormed()
    .replace(/[ \t\r\n]/g, " ")
    .replace(/(?! )[\s\p{C}]/gu, "·");
}

function countCharacters(text: string): number {
  return Array.from(text).length;
}
