import type { BaseIssue } from "valibot";

const KINDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  boolean: "true or false",
  Array: "a list",
  Object: "an object",
};
const COMPARISONS: Readonly<Record<string, string>> = {
  ">=": "at least",
  ">": "more than",
  "<=": "at most",
  "<": "less than",
};

/**
 * What a schema expected, to go on from "expected …", where valibot itself put it in words; `undefined` where the schema has a
 * message of its own. Valibot's message would repeat the value, which may be a secret.
 */
export function expectationOf(issue: BaseIssue<unknown>): string | undefined {
  const { expected, message, received, type } = issue;
  if (!message.startsWith("Invalid ") || !message.endsWith(`eceived ${received}`)) return undefined;
  if (issue.kind === "schema" && received === "undefined") return "a value";
  if (expected === null) return type === "integer" ? "a whole number" : `a valid ${type.replaceAll("_", " ")}`;
  if (type === "non_empty") return "what is not empty";
  const [, comparison = "", bound = ""] = /^([<>]=?)(.+)$/.exec(expected) ?? [];
  if (comparison !== "") {
    const measure = /length|size|bytes|entries|words|graphemes/.exec(type)?.[0];
    return `${measure === undefined ? "" : `a ${measure} of `}${COMPARISONS[comparison]} ${bound}`;
  }
  const kinds = expected.replace(/^\((.*)\)$/, "$1").split(" | ");
  return kinds.map((kind) => KINDS[kind] ?? kind).join(" or ");
}
