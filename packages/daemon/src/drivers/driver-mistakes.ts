import type { DriverFactory } from "@org/discovery-core";
import type { BaseIssue, GenericSchema } from "valibot";
import { BUILT_IN_DRIVERS } from "../config/driver-names.ts";
import type { Mistake, Settings } from "../config/given.ts";
import type { Config } from "../config/options.ts";
import { didYouMean } from "../config/similar.ts";
import { expectationOf } from "./expectation.ts";
import { ToldDriver } from "./told-driver.ts";

/** `option: expected what, got value`, of which only the text in the middle must be there. */
const REFUSAL = /^(?:(\w+): )?(?:expected (.*?)(?:, got (.*))?|.*)$/s;

/** What was said of a driver's options, by whom. */
interface Refusal {
  readonly told: ToldDriver;
  readonly factory: DriverFactory;
}

/** Names in `--driver-options` that are those of no driver. */
export function strangeDrivers(config: Config, settings: Settings): readonly Mistake[] {
  const known = [...new Set([...config.driver.names, ...BUILT_IN_DRIVERS])];
  const strange = Object.keys(config.driver.options).filter((name) => !known.includes(name));
  return strange.map((name) => {
    const { got, ...place } = new ToldDriver(name, config, settings).source([]);
    return { ...place, got, expected: `one of the drivers ${known.join(", ")}${didYouMean(name, known)}` };
  });
}

/** What a driver has no option for, each of it. A strict schema tells only the first, and one that is not strict none. */
export function strangeOptions({ told, factory }: Refusal): readonly Mistake[] {
  const known = optionNames(factory.options);
  if (known === undefined) return [];
  const strange = Object.keys(told.own).filter((option) => !known.includes(option));
  return strange.map((option) => {
    const expected = `an option of driver ${factory.name}${didYouMean(option, known)}`;
    return mistake(told, [option], { expected });
  });
}

/** What the driver's schema says. One mistake for each value, though it may be wrong in several ways. */
export function schemaMistakes({ told, factory }: Refusal, issues: readonly BaseIssue<unknown>[]): readonly Mistake[] {
  const mistakes = new Map<string, Mistake>();
  const known = optionNames(factory.options);
  for (const issue of issues) {
    const path = (issue.path ?? []).map(({ key }) => String(key));
    // Told by `strangeOptions`.
    if (path[0] !== undefined && known?.includes(path[0]) === false) continue;
    const expected = expectationOf(issue);
    const key = JSON.stringify(path.length === 0 ? issue.message : path);
    if (mistakes.has(key)) continue;
    mistakes.set(
      key,
      expected === undefined ? refusal({ told, factory }, issue.message, path) : mistake(told, path, { expected }),
    );
  }
  return [...mistakes.values()];
}

/** What `create` says, a mistake on each line. */
export function refusalMistakes(from: Refusal, message: string): readonly Mistake[] {
  return message.split("\n").map((line) => refusal(from, line, []));
}

/** What `loadDriver` says. */
export function loadMistake(told: ToldDriver, message: string): Mistake {
  const { name, got: shown, from } = told.named();
  const [, , expected = message, got = shown] = REFUSAL.exec(message) ?? [];
  return { name, expected, got, from };
}

/** A driver's own words, which may be any. */
function refusal({ told, factory }: Refusal, message: string, within: readonly string[]): Mistake {
  const [, option, expected, got] = REFUSAL.exec(message) ?? [];
  const isNamed =
    within.length === 0 && option !== undefined && optionNames(factory.options)?.includes(option) === true;
  const path = isNamed ? [option] : within;
  const words = option !== undefined && !isNamed ? undefined : expected;
  if (words === undefined) {
    return mistake(told, path, { expected: `what driver ${factory.name} takes (${told.mask(message)})` });
  }
  const named = words.replaceAll(/`(\w+)`/g, (_, other: string) => told.source([other]).name);
  return mistake(told, path, { expected: named, got });
}

interface Words {
  readonly expected: string;
  readonly got?: string | undefined;
}

function mistake(told: ToldDriver, path: readonly string[], { expected, got }: Words): Mistake {
  const { name, from, got: shown, isShown } = told.source(path);
  return { name, expected, got: got !== undefined && isShown ? told.mask(got) : shown, from };
}

/** `undefined` for a schema that takes any name, or is not an object's. */
function optionNames(schema: GenericSchema): readonly string[] | undefined {
  const isClosed = schema.type === "object" || schema.type === "strict_object";
  if (!isClosed || !("entries" in schema) || typeof schema.entries !== "object") return undefined;
  return Object.keys(schema.entries ?? {});
}
