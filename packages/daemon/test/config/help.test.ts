import { expect, test } from "vitest";
import { helpText } from "../../src/config/help.ts";
import { descriptionOf, placeholderOf, toldDefault } from "../../src/config/option.ts";
import { allOptions, OTHER_FLAGS } from "../../src/config/options.ts";
import { resolveFrom } from "./resolve-from.ts";

test("the help has every flag, with its value and default, in lines that fit a terminal", () => {
  const help = helpText();
  for (const { option } of allOptions()) expect(help).toContain(`  --${option.flag}`);
  for (const { flag } of OTHER_FLAGS) expect(help).toContain(`--${flag}`);
  expect(help).toContain("--redis-port PORT\n      Port of the Redis server. [default: 6379; variable: REDIS_PORT]");
  expect(Math.max(...help.split("\n").map((line) => line.length))).toBeLessThanOrEqual(121);
});

test.each(allOptions())(
  "--$option.flag is told: description, placeholder, and a default that is right",
  ({ option }) => {
    expect(descriptionOf(option)).toMatch(/^[A-Z].*\.$/);
    expect(placeholderOf(option)).toMatch(/^[A-Za-z:|,…]+$/);
    const { settings, mistakes } = resolveFrom({});
    expect(mistakes).toEqual([]);
    expect(settings.has(option.flag)).toBe(option.default !== undefined);
    if (typeof option.default === "object") expect(toldDefault(option)).not.toBe("");
  },
);

test("no flag and no variable is told twice", () => {
  const names = allOptions().flatMap(({ option }) => [
    option.flag,
    ...(option.variables ?? []).map((variable) => (typeof variable === "string" ? variable : variable.name)),
  ]);
  expect(new Set([...names, ...OTHER_FLAGS.map(({ flag }) => flag)]).size).toBe(names.length + OTHER_FLAGS.length);
});
