/** Text of a source, before its option's schema read it. A list stays one. */
export type GivenText = string | readonly string[];

/** What one source says about one option. */
export interface Given {
  readonly text: GivenText;
  readonly kind: "flag" | "environment" | "file" | "default";
  /** As the reader would look for it: `--ttl`, `TTL`, `ttl`. */
  readonly name: string;
  /** Where that stands: `flag`, `environment`, the path of a file. */
  readonly from: string;
}

/** Where each value came from, by flag. */
export type Settings = ReadonlyMap<string, Given>;

/** Something wrong with the configuration. Printed on one line; never shows a secret. */
export interface Mistake {
  readonly name: string;
  readonly expected: string;
  /** Ready for printing. */
  readonly got: string;
  readonly from: string;
}

const MAX_SHOWN = 200;

/** A value that somebody gave, for printing: quoted, on one line, shortened. */
export function quote(value: string): string {
  const shown = value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value;
  return JSON.stringify(shown.toWellFormed());
}

/** `PORT: expected a port number, got "abc" (from environment)`, on one line whatever the names hold. */
export function formatMistake({ name, expected, got, from }: Mistake): string {
  return oneLine(`${name}: expected ${expected}, got ${got} (from ${from})`);
}

/** A default has no name that one could look for; the flag is how to change it. */
export function nameOf({ kind, name }: Given): string {
  return kind === "default" ? `--${name}` : name;
}

/** The text with every control character and line separator escaped, fit for a terminal. */
export function oneLine(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

export function isMistake(found: Given | Mistake): found is Mistake {
  return "expected" in found;
}
