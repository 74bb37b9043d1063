import * as v from "valibot";

const MAX_QUOTED = 100;

/** One sentence about what is wrong with a part of a request: where, what was expected, what is there. */
export function describeIssue(where: string, issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  const at = path === null ? where : `${where} ${cut(path)}`;
  if (issue.type === "strict_object" && issue.expected === "never") return `${at}: there is no such member`;
  if (issue.received === "undefined") return `${at}: missing`;
  const expected = isOurs(issue) ? issue.message : `expected ${expectation(issue)}`;
  return `${at}: ${expected}, got ${quote(issue.input)}`;
}

/** valibot's own messages begin like this; ours say what was expected. */
function isOurs({ message }: v.BaseIssue<unknown>): boolean {
  return message.startsWith("expected ");
}

function expectation({ expected }: v.BaseIssue<unknown>): string {
  const words: Readonly<Record<string, string>> = { Object: "an object", Array: "an array", string: "text" };
  return words[expected ?? ""] ?? expected ?? "another value";
}

function quote(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(cut(value));
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" && value !== null ? "an object" : cut(String(value));
}

function cut(text: string): string {
  const short = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
  return short.toWellFormed().replace(/\p{Cc}/gu, "·");
}
