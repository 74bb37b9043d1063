import { parseInteger } from "./integer.ts";
import { tokenize, type Token, type TokenKind } from "./lexer.ts";
import { valueSet, type Requirement } from "./requirement.ts";
import { syntaxError } from "./syntax-error.ts";
import { isSelectorKey, isSelectorValue, KEY_RULE, VALUE_RULE } from "./word.ts";

/**
 * Reads the requirements of a selector in the order they are written; none for an empty text. The grammar is that of
 * `labels.Parse` in k8s.io/apimachinery: `>` and `<` are symbols only, `in` and `notin` may also be keys and values, a
 * missing value is the empty one (`k=`, `k in ()`, `k in (a,)`). Throws `invalid_argument` at the first token that does not fit.
 */
export function parseRequirements(text: string): Requirement[] {
  const tokens = new TokenReader(text);
  const requirements: Requirement[] = [];
  if (tokens.accept("end")) return requirements;
  do requirements.push(parseRequirement(tokens));
  while (tokens.accept(","));
  tokens.expect("end", '"," or the end');
  return requirements;
}

function parseRequirement(tokens: TokenReader): Requirement {
  if (tokens.accept("!")) return { operator: "absent", key: parseKey(tokens, "a key") };
  const key = parseKey(tokens, 'a key or "!"');
  const next = tokens.peek();
  if (next.kind === "end" || next.kind === ",") return { operator: "exists", key };
  const operator = tokens.next();
  switch (operator.kind === "word" ? operator.text : operator.kind) {
    case "=":
    case "==":
      return { operator: "in", key, values: [parseExactValue(tokens)] };
    case "!=":
      return { operator: "notin", key, values: [parseExactValue(tokens)] };
    case "in":
      return { operator: "in", key, values: parseValueList(tokens) };
    case "notin":
      return { operator: "notin", key, values: parseValueList(tokens) };
    case ">":
      return { operator: "gt", key, bound: parseBound(tokens) };
    case "<":
      return { operator: "lt", key, bound: parseBound(tokens) };
    default:
      return tokens.fail(operator, 'one of = == != in notin > <, "," or the end');
  }
}

function parseKey(tokens: TokenReader, expected: string): string {
  const token = tokens.expect("word", expected);
  return isSelectorKey(token.text) ? token.text : tokens.fail(token, KEY_RULE);
}

function parseExactValue(tokens: TokenReader): string {
  const next = tokens.peek();
  if (next.kind === "end" || next.kind === ",") return "";
  return parseValue(tokens, 'a value, "," or the end');
}

function parseValue(tokens: TokenReader, expected: string): string {
  const token = tokens.expect("word", expected);
  return isSelectorValue(token.text) ? token.text : tokens.fail(token, VALUE_RULE);
}

function parseValueList(tokens: TokenReader): string[] {
  tokens.expect("(", '"("');
  const values: string[] = [];
  do {
    const next = tokens.peek();
    values.push(next.kind === "," || next.kind === ")" ? "" : parseValue(tokens, 'a value, "," or ")"'));
  } while (tokens.accept(","));
  tokens.expect(")", '"," or ")"');
  return valueSet(values);
}

function parseBound(tokens: TokenReader): bigint {
  const expected = "a 64-bit integer";
  const token = tokens.expect("word", expected);
  return parseInteger(token.text) ?? tokens.fail(token, expected);
}

class TokenReader {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #index = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  /** The token to be read next; `end` for ever after the last. */
  peek(): Token {
    return this.#tokens[this.#index] ?? { kind: "end", text: "", start: this.#text.length };
  }

  next(): Token {
    const token = this.peek();
    this.#index++;
    return token;
  }

  accept(kind: TokenKind): boolean {
    if (this.peek().kind !== kind) return false;
    this.#index++;
    return true;
  }

  expect(kind: TokenKind, expected: string): Token {
    const token = this.next();
    return token.kind === kind ? token : this.fail(token, expected);
  }

  fail(token: Token, expected: string): never {
    throw syntaxError(this.#text, token, expected);
  }
}
