import { readText, sourceFiles, workspacePackages } from "../workspace.ts";
import type { HouseRule, Violation } from "./rule.ts";

const COMMENTS = /\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
const REEXPORT = /export\s+(?:type\s+)?\{([^}]*)\}(?:\s+from\s+"[^"]+")?\s*;/g;
const DECLARATION = /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|class|const) (\w+)/;

/** An `index.ts` lists the public names one by one and holds nothing else. */
export const indexOnlyReexports: HouseRule = () =>
  indexFiles().flatMap(({ index, text }) => {
    const rest = text.replaceAll(COMMENTS, "").replaceAll(REEXPORT, "").trim();
    return rest === ""
      ? []
      : [`${index}: only \`export { names } from "./file.ts"\` belongs here, found: ${firstLine(rest)}`];
  });

/** Every public function, class and constant says in a doc comment what it guarantees. */
export const publicNamesDocumented: HouseRule = () =>
  indexFiles().flatMap(({ index, text, folder }) => {
    const names = publicNames(text);
    return sourceFiles()
      .filter((file) => file.startsWith(`${folder}/src/`) && file !== index)
      .flatMap((file) => undocumented(file, names));
  });

function undocumented(file: string, names: ReadonlySet<string>): Violation[] {
  const lines = (readText(file) ?? "").split("\n");
  return lines.flatMap((line, number) => {
    const name = DECLARATION.exec(line)?.[1];
    if (name === undefined || !names.has(name) || hasDocComment(lines, number)) return [];
    return [`${file}:${number + 1}: ${name} is public and has no doc comment`];
  });
}

/** An overload stands behind the comment of the first one. */
function hasDocComment(lines: readonly string[], number: number): boolean {
  const before = lines[number - 1]?.trim() ?? "";
  return before.endsWith("*/") || (before.startsWith("export function") && before.endsWith(";"));
}

function publicNames(text: string): Set<string> {
  const lists = [...text.replaceAll(COMMENTS, "").matchAll(REEXPORT)].map((match) => match[1] ?? "");
  const names = lists
    .flatMap((list) => list.split(","))
    .map(
      (name) =>
        name
          .trim()
          .replace(/^type /, "")
          .split(" as ")[0],
    );
  return new Set(names.filter((name) => name !== undefined && name !== "") as string[]);
}

function indexFiles(): { folder: string; index: string; text: string }[] {
  return workspacePackages().flatMap(({ folder }) => {
    const index = `${folder}/src/index.ts`;
    const text = readText(index);
    return text === undefined ? [] : [{ folder, index, text }];
  });
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
