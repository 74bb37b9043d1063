import { DiscoveryError } from "@org/discovery-core";

type Quote = '"' | "'";

/** The word under construction; `undefined` between words, so that `""` is a word and white space is none. */
interface Splitting {
  readonly words: string[];
  word: string | undefined;
  quote: Quote | undefined;
}

/**
 * Splits a command line into words the way a POSIX shell does (IEEE 1003.1 shell language, 2.2 Quoting), and nothing more:
 * no variables, globs, pipes or comments, because no shell runs it. Single quotes keep everything, double quotes know `\"` and `\\`,
 * outside a backslash takes the next character literally.
 *
 * @throws DiscoveryError `invalid_argument` for an unclosed quote, a backslash at the end, a NUL character, or no words at all.
 */
export function splitCommand(line: string): string[] {
  if (line.includes("\0")) throw new DiscoveryError("invalid_argument", "command: NUL character");
  const splitting: Splitting = { words: [], word: undefined, quote: undefined };
  for (let at = 0; at < line.length; at++) {
    if (escapes(line, at, splitting.quote)) append(splitting, line.charAt(++at));
    else take(splitting, line.charAt(at));
  }
  if (splitting.quote !== undefined) throw broken(line, `the quote ${splitting.quote} is never closed`);
  endWord(splitting);
  if (splitting.words.length === 0) throw broken(line, "expected at least one word");
  return splitting.words;
}

function escapes(line: string, at: number, quote: Quote | undefined): boolean {
  if (line.charAt(at) !== "\\" || quote === "'") return false;
  const next = line.charAt(at + 1);
  if (quote === '"') return next === '"' || next === "\\";
  if (next === "") throw broken(line, "nothing follows the backslash at the end");
  return true;
}

function take(splitting: Splitting, character: string): void {
  if (splitting.quote !== undefined) {
    if (character === splitting.quote) splitting.quote = undefined;
    else append(splitting, character);
  } else if (character === '"' || character === "'") {
    splitting.quote = character;
    append(splitting, "");
  } else if (/\s/.test(character)) {
    endWord(splitting);
  } else {
    append(splitting, character);
  }
}

function append(splitting: Splitting, text: string): void {
  splitting.word = (splitting.word ?? "") + text;
}

function endWord(splitting: Splitting): void {
  if (splitting.word !== undefined) splitting.words.push(splitting.word);
  splitting.word = undefined;
}

function broken(line: string, why: string): DiscoveryError {
  return new DiscoveryError("invalid_argument", `command ${JSON.stringify(line)}: ${why}`);
}
