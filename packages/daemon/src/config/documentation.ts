import { descriptionOf, placeholderOf, plainVariables, shapeOf, toldDefault, type Option } from "./option.ts";
import { allOptions, OTHER_FLAGS, TITLES } from "./options.ts";

const BEGIN = "<!-- options: written by vitest run --project daemon test/config/documentation.test.ts -u -->";
const END = "<!-- end of options -->";
const HEAD = ["Flag", "Default", "Variable", "What it does"];

/** The page with the part between its markers written anew from the table of options. Throws where the markers are missing. */
export function withOptionTables(page: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`expected ${BEGIN} and ${END} in the page`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${optionTables()}\n\n${page.slice(end)}`;
}

function optionTables(): string {
  const sections = new Map<string, string[][]>();
  for (const { section, option } of allOptions()) {
    const title = TITLES[section];
    const rows = sections.get(title) ?? [];
    sections.set(title, [...rows, optionRow(option)]);
  }
  const others = OTHER_FLAGS.map(({ flag, short, placeholder, description }) => {
    const head = placeholder === undefined ? `--${flag}` : `--${flag} ${placeholder}`;
    return [code(short === undefined ? head : `-${short}, ${head}`), "", "", description];
  });
  sections.set("On the command line alone", others);
  return [...sections].map(([title, rows]) => `### ${title}\n\n${table(rows)}`).join("\n\n");
}

function optionRow(option: Option): string[] {
  const value = shapeOf(option) === "switch" ? "" : ` ${placeholderOf(option)}`;
  const standard = toldDefault(option);
  return [
    code(`--${option.flag}${value}`),
    typeof option.default === "string" && standard !== "" ? code(standard) : standard,
    plainVariables(option).map(code).join(", "),
    option.secret === undefined ? descriptionOf(option) : `${descriptionOf(option)} Secret.`,
  ];
}

function code(text: string): string {
  return `\`${text}\``;
}

/** Aligned as the formatter does it, so that a generated page is a formatted one. */
function table(rows: readonly string[][]): string {
  const all = [HEAD, ...rows.map((row) => row.map((cell) => cell.replaceAll("|", "\\|")))];
  const widths = HEAD.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  const [head = [], ...body] = all;
  return [line(head), rule, ...body.map(line)].join("\n");
}
