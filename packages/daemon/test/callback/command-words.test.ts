import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { isDiscoveryError } from "@org/discovery-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitCommand } from "../../src/callback/command-words.ts";

const run = promisify(execFile);

describe("splitCommand", () => {
  it.each([
    ["/usr/local/bin/changed", ["/usr/local/bin/changed"]],
    ["  a \t b\n", ["a", "b"]],
    [`a "b c" 'd "e'`, ["a", "b c", 'd "e']],
    [`--name="b c"d ''`, ["--name=b cd", ""]],
    [String.raw`a\ b \" \\`, ["a b", '"', "\\"]],
    [String.raw`"a\"b\\c\d" 'e\f'`, [String.raw`a"b\c\d`, String.raw`e\f`]],
    ["echo $HOME > *.c | cat # no", ["echo", "$HOME", ">", "*.c", "|", "cat", "#", "no"]],
  ])("splits %j", (line, words) => {
    expect(splitCommand(line)).toEqual(words);
  });

  it.each([
    ["", /expected at least one word/],
    ["  ", /expected at least one word/],
    [`run "a b`, /the quote " is never closed/],
    [`run 'a`, /the quote ' is never closed/],
    ["run \\", /nothing follows the backslash/],
    ["run a\0b", /NUL/],
  ])("refuses %j", (line, message) => {
    expect(() => splitCommand(line)).toThrow(message);
  });

  it("gives back what was quoted, whatever it is", () => {
    const word = fc.string({ unit: "binary" }).filter((text) => !text.includes("\0"));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (words) => {
        const line = words.map(quoted).join(" ");
        expect(splitCommand(line)).toEqual(words);
      }),
    );
  });

  it("splits as a shell does, or refuses", async () => {
    const piece = fc.constantFrom("a", "b", " ", "\t", "'", '"', "\\", "=", "/");
    const lines = fc.sample(
      fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => `x${pieces.join("")}`),
      150,
    );
    const taken = lines.flatMap((line) => {
      const ours = wordsOrUndefined(line);
      return ours === undefined ? [] : [{ line, ours }];
    });
    // One shell for all, each in a subshell of its own, for one that broke off would tell nothing of those after it.
    const script = taken.map(({ line }) => `(eval ${quoted(`printf '%s\\0' ${line}`)}); printf '\\n\\0'`).join("\n");
    const { stdout } = await run("sh", ["-c", script]);
    const theirs = stdout.split("\n\0").map((words) => words.split("\0").slice(0, -1));
    for (const [at, { line, ours }] of taken.entries()) expect(ours, line).toEqual(theirs[at]);
  });
});

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function wordsOrUndefined(line: string): string[] | undefined {
  try {
    return splitCommand(line);
  } catch (error) {
    if (isDiscoveryError(error, "invalid_argument")) return undefined;
    throw error;
  }
}
