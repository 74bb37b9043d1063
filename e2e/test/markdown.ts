import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** The top of the checkout. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A fenced block of a page. */
export interface CodeBlock {
  readonly language: string;
  readonly text: string;
}

/** A page, by its path from the top of the checkout. */
export function readPage(path: string): Promise<string> {
  return readFile(`${ROOT}/${path}`, "utf8");
}

/** What stands below a heading, up to the next one of its level. */
export function section(page: string, heading: string): string {
  const level = heading.slice(0, heading.indexOf(" ") + 1);
  const [, rest] = page.split(`\n${heading}\n`);
  if (rest === undefined) throw new Error(`expected the heading ${JSON.stringify(heading)}`);
  return rest.split(`\n${level}`)[0] ?? "";
}

/** The fenced blocks, in their order. */
export function codeBlocks(page: string): CodeBlock[] {
  return [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = "", text = ""]) => ({ language, text }));
}
