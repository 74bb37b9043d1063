import { oneLine } from "./given.ts";
import { allOptions, TITLES, type PlacedOption } from "./options.ts";
import type { Resolution } from "./resolve.ts";
import { maskText } from "./secret.ts";

/** What `--show-config` prints: the configuration files, then every option with its value and where that came from. */
export function showConfig(resolution: Resolution): string {
  const files = resolution.files.map(({ path, state }) => [path, state]);
  const rows = allOptions().map((placed) => ({ title: TITLES[placed.section], row: optionRow(placed, resolution) }));
  const lines = ["Configuration files", ...table(files)];
  const aligned = table(rows.map(({ row }) => row));
  let title = "";
  for (const [index, line] of aligned.entries()) {
    const next = rows[index]?.title ?? "";
    if (next !== title) lines.push("", next);
    title = next;
    lines.push(line);
  }
  return `${lines.join("\n")}\n`;
}

function optionRow({ option }: PlacedOption, { settings, mistaken }: Resolution): readonly string[] {
  if (mistaken.has(option.flag)) return [option.flag, "(mistaken)", ""];
  const given = settings.get(option.flag);
  if (given === undefined) return [option.flag, "-", "not set"];
  const shown = oneLine(maskText(option, given.text)) || "-";
  return [option.flag, shown, given.kind === "environment" ? `${given.from}: ${given.name}` : given.from];
}

/** Rows with their columns aligned, indented by two. The last column isn't padded. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd());
}
