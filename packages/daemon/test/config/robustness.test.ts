import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseCommandLine } from "../../src/command-line.ts";
import { formatMistake } from "../../src/config/given.ts";
import { plainVariables, variableOf } from "../../src/config/option.ts";
import { allOptions, OTHER_FLAGS } from "../../src/config/options.ts";
import { showConfig } from "../../src/config/show.ts";
import { parseYamlOptions } from "../../src/config/yaml-options.ts";
import { resolveFrom } from "./resolve-from.ts";
import { SAMPLES } from "./sample-values.ts";

const flags = [...allOptions().map(({ option }) => option.flag), ...OTHER_FLAGS.map(({ flag }) => flag)];
const variables = allOptions().flatMap(({ option }) => [variableOf(option.flag), ...plainVariables(option)]);
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(...Object.values(SAMPLES).flat()),
  fc.constantFrom("", "-", "--", "=", "__proto__", "constructor", "\0", "\n", "*a", "&a", "!!binary x", "\uD800"),
);
const argument = fc.oneof(
  text,
  fc
    .tuple(
      fc.constantFrom("--", "-", "--no-", "---"),
      fc.oneof(fc.constantFrom(...flags), text),
      fc.constantFrom("", "="),
      text,
    )
    .map((parts) => parts.join("")),
  fc.constantFrom(...flags).map((flag) => `--${flag}`),
);
const argv = fc.array(argument, { maxLength: 8 });
const names = fc.oneof(
  fc.constantFrom(...variables, ...variables.map((name) => `${name}_FILE`)),
  text.map((name) => `DISCOVERY_${name}`),
  text,
);
const environment = fc.dictionary(names, text, { maxKeys: 8 });
const yaml = fc.oneof(
  text,
  fc
    .dictionary(fc.oneof(fc.constantFrom(...flags), text), fc.oneof(text, fc.jsonValue()), { maxKeys: 6 })
    .map((it) => JSON.stringify(it)),
  fc
    .array(fc.tuple(fc.constantFrom(...flags), text), { maxLength: 6 })
    .map((lines) => lines.map(([key, value]) => `${key}: ${value}\n`).join("")),
);

describe("whatever is given", () => {
  test("ends in a configuration or in mistakes of one line each, without a throw", () => {
    fc.assert(
      fc.property(argv, environment, yaml, (args, variablesSet, file) => {
        const resolution = resolveFrom({ argv: args, environment: variablesSet, yaml: file });
        expect(resolution.config === undefined).toBe(resolution.mistakes.length > 0);
        for (const mistake of resolution.mistakes) {
          expect(formatMistake(mistake)).toMatch(
            /^[^\p{Cc}]*: expected [^\p{Cc}]+, got [^\p{Cc}]+ \(from [^\p{Cc}]+\)$/u,
          );
        }
        for (const line of showConfig(resolution).split("\n")) expect(line).toMatch(/^\P{Cc}*$/u);
      }),
      { numRuns: 200 },
    );
  });

  test("the same twice gives the same", () => {
    fc.assert(
      fc.property(argv, (args) => {
        expect(parseCommandLine(args)).toEqual(parseCommandLine(args));
      }),
    );
  });

  test("any text is YAML with options, or a mistake", () => {
    fc.assert(
      fc.property(yaml, (file) => {
        const { given, mistakes, readable } = parseYamlOptions(file, "c.yaml");
        if (!readable) expect(mistakes.length).toBeGreaterThan(0);
        for (const flag of given.keys()) expect(flags).toContain(flag);
      }),
      { numRuns: 500 },
    );
  });

  test("a secret comes out neither in a mistake nor in --show-config", () => {
    const secretOptions = allOptions().filter(({ option }) => option.secret === "whole");
    const marked = text.map((it) => `hunter2${it}`);
    fc.assert(
      fc.property(fc.constantFrom(...secretOptions), marked, argv, ({ option }, secret, args) => {
        for (const sources of [
          { environment: { [variableOf(option.flag)]: secret } },
          { argv: [`--${option.flag}=${secret}`] },
          { argv: [`--${option.flag}`, secret] },
          { yaml: `${option.flag}: ${secret}\n` },
          { yaml: `${option.flag}: ${JSON.stringify(secret)}\n`, argv: args },
        ]) {
          const resolution = resolveFrom(sources);
          expect(resolution.mistakes.map(formatMistake).join("\n")).not.toContain("hunter2");
          expect(showConfig(resolution)).not.toContain("hunter2");
        }
      }),
      { numRuns: 100 },
    );
  });
});
