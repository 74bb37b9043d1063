import * as v from "valibot";
import { readVariable } from "./environment.ts";
import { quote, type Given, type Mistake } from "./given.ts";
import type { Option, PartVariable, Invocation } from "./option.ts";

/** An option's text with its parts put in, or what is wrong with them. */
export interface PartedGiven {
  readonly given: Given;
  readonly mistakes: readonly Mistake[];
}

/** Puts the variables that give a part of the option (`HOST`, `PORT`) over what a weaker source or the default says. */
export function applyParts(option: Option, below: Given, environment: Invocation["environment"]): PartedGiven {
  const mistakes: Mistake[] = [];
  const names: string[] = [];
  let { text } = below;
  for (const part of partsOf(option)) {
    const given = readVariable(environment, part.name);
    if (given === undefined) continue;
    const parsed = v.safeParse(part.schema, given);
    if (!parsed.success) {
      mistakes.push({ name: part.name, expected: parsed.issues[0].message, got: quote(given), from: "environment" });
      continue;
    }
    names.push(part.name);
    text = part.into(typeof text === "string" ? text : "", given);
  }
  if (names.length === 0) return { given: below, mistakes };
  return { given: { text, kind: "environment", name: names.join(" and "), from: "environment" }, mistakes };
}

/** The variables that give a part of the option. */
function partsOf(option: Option): readonly PartVariable[] {
  return (option.variables ?? []).filter((variable) => typeof variable !== "string");
}
