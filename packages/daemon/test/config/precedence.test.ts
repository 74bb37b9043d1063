import fc from "fast-check";
import { expect, test } from "vitest";
import { shapeOf, variableOf } from "../../src/config/option.ts";
import { allOptions, type PlacedOption } from "../../src/config/options.ts";
import { resolveFrom } from "./resolve-from.ts";
import { SAMPLES } from "./sample-values.ts";

type Source = "flag" | "prefixed" | "plain" | "file";
const ORDER: readonly Source[] = ["flag", "prefixed", "plain", "file"];

test("there are samples for every option", () => {
  expect(Object.keys(SAMPLES).toSorted()).toEqual(
    allOptions()
      .map(({ option }) => option.flag)
      .toSorted(),
  );
});

test.each(allOptions())("the strongest source gives --$option.flag, whichever others there are", (placed) => {
  const samples = SAMPLES[placed.option.flag] ?? [];
  const given = fc.record(Object.fromEntries(ORDER.map((source) => [source, fc.constantFrom(...samples)])), {
    requiredKeys: [],
  }) as fc.Arbitrary<Partial<Record<Source, string>>>;
  fc.assert(
    fc.property(given, (texts) => {
      const usable = hasPlain(placed) ? texts : without(texts, "plain");
      const { settings } = resolve(placed, usable);
      const winner = ORDER.find((source) => usable[source] !== undefined);
      const setting = settings.get(placed.option.flag);
      if (winner === undefined) expect(setting?.kind ?? "default").toBe("default");
      else expect(setting).toMatchObject({ text: usable[winner], ...nameIn(placed, winner) });
    }),
    { numRuns: 20 },
  );
});

test.each(allOptions())("every source of --$option.flag gives the same value for the same text", (placed) => {
  for (const text of SAMPLES[placed.option.flag] ?? []) {
    const sources = hasPlain(placed) ? ORDER : ORDER.filter((source) => source !== "plain");
    const values = sources.map((source) => valueOf(placed, resolve(placed, { [source]: text })));
    expect(new Set(values).size, `${text}: ${values.join(" / ")}`).toBe(1);
    expect(values[0]).toContain(`{"value":`);
  }
});

function resolve({ option }: PlacedOption, texts: Partial<Record<Source, string>>) {
  // The neighbours that a cross check of this option asks for.
  const environment: Record<string, string> = {
    DISCOVERY_REDIS_SENTINEL_NAME: "master",
    DISCOVERY_TTL: "1h1m",
    DISCOVERY_REDIS_DB: "0",
  };
  delete environment[variableOf(option.flag)];
  const argv: string[] = [];
  if (texts.flag !== undefined) argv.push(`--${option.flag}=${texts.flag}`);
  if (texts.prefixed !== undefined) environment[variableOf(option.flag)] = texts.prefixed;
  if (texts.plain !== undefined) environment[plainName({ option })] = texts.plain;
  const yaml = texts.file === undefined ? "" : `${option.flag}: ${yamlText(option.flag, texts.file)}\n`;
  return resolveFrom({ argv, environment, yaml });
}

/** Plain where the text stands for itself, so that it is seen what YAML's own numbers and booleans do to it. */
function yamlText(flag: string, text: string): string {
  const isPlain = /^[\w./]+$/.test(text) && text !== "null" && shapeOfFlag(flag) !== "list";
  return isPlain ? text : JSON.stringify(text);
}

function shapeOfFlag(flag: string) {
  return allOptions().flatMap(({ option }) => (option.flag === flag ? [shapeOf(option)] : []))[0];
}

/** The value as JSON within an object, so that an absent one is seen. */
function valueOf({ section, name }: PlacedOption, { config, mistakes }: ReturnType<typeof resolveFrom>): string {
  if (config === undefined) return JSON.stringify(mistakes);
  const values: Readonly<Record<string, unknown>> = config[section];
  return JSON.stringify({ value: values[name] });
}

function hasPlain({ option }: Pick<PlacedOption, "option">): boolean {
  return plainName({ option }) !== "";
}

function plainName({ option }: Pick<PlacedOption, "option">): string {
  const [first] = option.variables ?? [];
  return typeof first === "string" ? first : "";
}

function nameIn({ option }: PlacedOption, source: Source) {
  if (source === "flag") return { kind: "flag", name: `--${option.flag}`, from: "flag" };
  if (source === "prefixed") return { kind: "environment", name: variableOf(option.flag), from: "environment" };
  if (source === "plain") return { kind: "environment", name: plainName({ option }), from: "environment" };
  return { kind: "file", name: option.flag };
}

function without(texts: Partial<Record<Source, string>>, source: Source): Partial<Record<Source, string>> {
  const { [source]: _, ...rest } = texts;
  return rest;
}
