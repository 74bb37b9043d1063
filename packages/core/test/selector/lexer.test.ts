import * as fc from "fast-check";
import { expect, test } from "vitest";
import { tokenize } from "../../src/selector/lexer.ts";
import { fastestMs } from "../fastest-ms.ts";

function lexemes(text: string): string[] {
  return tokenize(text).map((token) => (token.kind === "word" ? `word ${token.text}` : token.kind));
}

test.each([
  ["", ["end"]],
  [" \t\r\n", ["end"]],
  ["a", ["word a", "end"]],
  ["a==b", ["word a", "==", "word b", "end"]],
  ["a===b", ["word a", "==", "=", "word b", "end"]],
  ["a!=b", ["word a", "!=", "word b", "end"]],
  ["!!a", ["!", "!", "word a", "end"]],
  ["a=!b", ["word a", "=", "!", "word b", "end"]],
  ["a in(b,c)", ["word a", "word in", "(", "word b", ",", "word c", ")", "end"]],
  ["a>5", ["word a", ">", "word 5", "end"]],
  ["a<\n5", ["word a", "<", "word 5", "end"]],
  ["ip=2a03::1", ["word ip", "=", "word 2a03::1", "end"]],
  ["a\u00a0b", ["word a\u00a0b", "end"]],
])("cuts %j", (text, expected) => {
  expect(lexemes(text)).toEqual(expected);
});

test("loses nothing but white space, and knows where each token began", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...Array.from("ab:=!<>(), \t\n")) }), (text) => {
      const tokens = tokenize(text);
      expect(tokens.map((token) => token.text).join("")).toBe(text.replace(/[ \t\r\n]/g, ""));
      for (const token of tokens) expect(text.startsWith(token.text, token.start)).toBe(true);
    }),
  );
});

test.each(["!", "a,", "(", " ", "=", "x"])("takes linear time on a megabyte of %j", (unit) => {
  const text = unit.repeat(1_000_000 / unit.length);
  expect(fastestMs(() => tokenize(text))).toBeLessThan(5_000);
});
