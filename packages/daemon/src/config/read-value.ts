import * as v from "valibot";
import { quote, type Given, type GivenText, type Mistake } from "./given.ts";
import { isPlural, listItems } from "./list-items.ts";
import { shapeOf, type Option } from "./option.ts";

/** What became of a text: a value, or a mistake. */
export type ReadValue =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly mistake: Mistake };

/** Reads a source's text by the option's schema. A mistake names the item of a list that is wrong, and never shows a secret. */
export function readValue(option: Option, given: Given): ReadValue {
  const { name, from, text } = given;
  const shape = shapeOf(option);
  const isList = isPlural(shape);
  const input = isList ? listItems(text, shape) : text;
  const parsed = v.safeParse(option.schema, input, { abortEarly: true });
  if (parsed.success) return { ok: true, value: parsed.output };
  const [issue] = parsed.issues;
  const index = issue.path?.[0]?.key;
  const wrong = isList && typeof index === "number" ? (input[index] ?? "") : text;
  const got = option.secret === undefined ? quoteText(wrong) : "a value that is not shown";
  return { ok: false, mistake: { name, expected: issue.message, got, from } };
}

function quoteText(text: GivenText): string {
  return typeof text === "string" ? quote(text) : "a list";
}
