import * as v from "valibot";
import { parseDuration } from "./duration.ts";

/**
 * How an option is written: with one value, as a switch that needs none, as a list separated by commas, or as several
 * values that may hold commas, each given by a flag of its own or as an item of a YAML list.
 */
export type Shape = "value" | "switch" | "list" | "several";

interface Kind {
  /** What stands for the value in `--help`. */
  readonly placeholder: string;
  /** Finishes the sentence "expected …". */
  readonly expected: string;
  readonly shape?: Shape;
}

/**
 * A schema that turns the text of an option into its value; `parse` answers `undefined` for text that is none.
 * Everything a source gives is text, so that `007` stays a label and `0123` a password until its option says otherwise.
 */
export function textValue<const Value>(kind: Kind, parse: (text: string) => Value | undefined) {
  return v.pipe(
    v.string(kind.expected),
    v.rawTransform<string, Value>(({ dataset, addIssue, NEVER }) => {
      const value = parse(dataset.value);
      if (value !== undefined) return value;
      addIssue({ message: kind.expected });
      return NEVER;
    }),
    v.metadata({ placeholder: kind.placeholder, shape: kind.shape ?? "value" }),
  );
}

/** A list of what `item` takes. `--flag a,b`, `--flag a --flag b` and a YAML list are the same. */
export function listOf<Item extends v.GenericSchema<string, unknown>>(placeholder: string, item: Item) {
  return v.pipe(v.array(item), v.metadata({ placeholder, shape: "list" }));
}

/** Several of what `item` takes: `--flag a --flag b`, or a YAML list. A text is one item, commas and all. */
export function severalOf<Item extends v.GenericSchema<string, unknown>>(placeholder: string, item: Item) {
  return v.pipe(v.array(item), v.metadata({ placeholder, shape: "several" }));
}

interface Bounds extends Kind {
  readonly min: number;
  readonly max?: number;
}

/** A whole number in decimal digits. */
export function integer(bounds: Bounds) {
  const { min, max = Number.MAX_SAFE_INTEGER } = bounds;
  return textValue(bounds, (text) => {
    const value = /^\s*\d+\s*$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : undefined;
  });
}

/** Milliseconds, from seconds (`0.5`) or a Go duration (`1m30s`). */
export function duration(bounds: { readonly minMs: number }) {
  const least = bounds.minMs > 0 ? `a duration of at least ${bounds.minMs}ms` : "a duration";
  const expected = `${least} in seconds, such as 15, 0.5 or 1m30s`;
  return textValue({ placeholder: "SECONDS", expected }, (text) => {
    const ms = parseDuration(text);
    return ms !== undefined && ms >= bounds.minMs ? ms : undefined;
  });
}

/** One of a few words, in any case. */
export function choice<const Word extends string>(...words: readonly Word[]) {
  return textValue({ placeholder: words.join("|"), expected: `one of ${words.join(", ")}` }, (text) => {
    const wanted = text.trim().toLowerCase();
    return words.find((word) => word === wanted);
  });
}

/** Any text that is not empty, kept as it is. */
export function text(placeholder: string, expected: string) {
  return textValue({ placeholder, expected }, (given) => (given === "" || given.includes("\0") ? undefined : given));
}

const TRUE: readonly string[] = ["1", "t", "T", "TRUE", "true", "True"];
const FALSE: readonly string[] = ["0", "f", "F", "FALSE", "false", "False"];

/** A boolean in the spellings of Go's `strconv.ParseBool`, which lobby reads. */
export const boolean = textValue(
  { placeholder: "BOOL", expected: "true or false", shape: "switch" },
  (given): boolean | undefined => {
    if (TRUE.includes(given.trim())) return true;
    return FALSE.includes(given.trim()) ? false : undefined;
  },
);

export const port = integer({ placeholder: "PORT", expected: "a port number", min: 1, max: 65_535 });

/** Port 0 lets the system choose a free one. */
export const listenPort = integer({ placeholder: "PORT", expected: "a port number", min: 0, max: 65_535 });

export const path = text("PATH", "a path");
