/** A symbol stands for itself. `in` and `notin` are words: only their place makes them operators. */
export type TokenKind = "=" | "==" | "!=" | "!" | ">" | "<" | "(" | ")" | "," | "word" | "end";

export interface Token {
  readonly kind: TokenKind;
  /** As written; empty for `end`. */
  readonly text: string;
  /** Offset of the first character, in UTF-16 units. */
  readonly start: number;
}

const TOKEN = /==|!=|[=!<>(),]|[^ \t\r\n=!<>(),]+/g;
const SYMBOLS: ReadonlySet<string> = new Set<TokenKind>(["=", "==", "!=", "!", ">", "<", "(", ")", ","]);

/** Cuts a selector where Kubernetes' lexer does; the last token is `end`. Never fails and takes linear time. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(TOKEN)) {
    const lexeme = match[0];
    tokens.push({ kind: isSymbol(lexeme) ? lexeme : "word", text: lexeme, start: match.index });
  }
  tokens.push({ kind: "end", text: "", start: text.length });
  return tokens;
}

function isSymbol(lexeme: string): lexeme is Exclude<TokenKind, "word" | "end"> {
  return SYMBOLS.has(lexeme);
}
