import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type YAMLError,
} from "yaml";
import { COMMAND_LINE_KEYS } from "./command-line-keys.ts";
import { quote, type Given, type GivenText, type Mistake } from "./given.ts";
import { allOptions } from "./options.ts";
import { didYouMean } from "./similar.ts";

export interface YamlOptions {
  /** By flag. */
  readonly given: ReadonlyMap<string, Given>;
  readonly mistakes: readonly Mistake[];
  /** Whether it is YAML with options at all. */
  readonly readable: boolean;
}

/** The parser's own words for these repeat a piece of the file, which may be a secret. */
const TELLTALE: Readonly<Record<string, string>> = {
  TAG_RESOLVE_FAILED: "unknown tag; a value that begins with ! must be quoted",
  UNEXPECTED_TOKEN: "unexpected text",
  BAD_DQ_ESCAPE: "invalid escape sequence",
  BAD_DIRECTIVE: "invalid directive",
};

/**
 * The options in the text of a YAML file, whose keys are the flags. Scalars are kept as they are written, so that `0123`
 * stays a password. `null` counts as not given. Never throws: syntax errors, unknown keys and shapes that no option has are mistakes.
 */
export function parseYamlOptions(text: string, path: string): YamlOptions {
  const lines = new LineCounter();
  const document = parse(text, lines);
  if (document === undefined) {
    return unreadable([{ name: path, expected: "YAML", got: "too deep a nesting", from: "file" }]);
  }
  if (document.errors.length > 0) {
    return unreadable(document.errors.map((error) => syntaxMistake(error, path, lines)));
  }
  return new OptionReader(document, path, lines).read();
}

function parse(text: string, lines: LineCounter): Document.Parsed | undefined {
  try {
    return parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "silent" });
  } catch {
    return undefined;
  }
}

function unreadable(mistakes: readonly Mistake[]): YamlOptions {
  return { given: new Map(), mistakes, readable: false };
}

function syntaxMistake(error: YAMLError, path: string, lines: LineCounter): Mistake {
  const { line, col } = lines.linePos(Math.max(0, error.pos[0]));
  const got = TELLTALE[error.code] ?? error.message;
  return { name: `${path}:${line}:${col}`, expected: "YAML", got, from: "file" };
}

class OptionReader {
  readonly #document: Document.Parsed;
  readonly #path: string;
  readonly #lines: LineCounter;
  readonly #given = new Map<string, Given>();
  readonly #mistakes: Mistake[] = [];
  readonly #flags = new Set(allOptions().map(({ option }) => option.flag));

  constructor(document: Document.Parsed, path: string, lines: LineCounter) {
    this.#document = document;
    this.#path = path;
    this.#lines = lines;
  }

  read(): YamlOptions {
    const { contents } = this.#document;
    if (isMap(contents)) {
      for (const { key, value } of contents.items) this.#entry(key, value);
    } else if (!(contents === null || (isScalar(contents) && contents.value === null))) {
      return unreadable([
        { name: this.#path, expected: "a mapping from options to values", got: kindOf(contents), from: "file" },
      ]);
    }
    return { given: this.#given, mistakes: this.#mistakes, readable: true };
  }

  #entry(key: Node, value: Node | null): void {
    const name = scalarText(key) ?? kindOf(key);
    const from = `${this.#path}:${this.#lines.linePos(key.range?.[0] ?? 0).line}`;
    if (COMMAND_LINE_KEYS.has(name)) return;
    if (!this.#flags.has(name)) {
      const expected = `the name of an option${didYouMean(name, this.#flags)}`;
      this.#mistakes.push({ name: quote(name), expected, got: "an unknown key", from });
      return;
    }
    const node = isAlias(value) ? value.resolve(this.#document) : value;
    if (node === undefined || node === null || (isScalar(node) && node.value === null)) return;
    const text = nodeText(node);
    if (text !== undefined) this.#given.set(name, { text, kind: "file", name, from });
    else this.#mistakes.push({ name, expected: "a value or a list of values", got: kindOf(node), from });
  }
}

function nodeText(node: unknown): GivenText | undefined {
  if (!isSeq(node)) return scalarText(node);
  const items = node.items.map(scalarText);
  return items.every((item) => item !== undefined) ? items : undefined;
}

function scalarText(node: unknown): string | undefined {
  if (!isScalar(node)) return undefined;
  return typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
}

function kindOf(node: unknown): string {
  if (isMap(node)) return "a mapping";
  if (isSeq(node)) return "a list of something else than values";
  return isScalar(node) ? "a single value" : "something else";
}
