import type { GivenText } from "./given.ts";

/** Text separated by commas, or a YAML list, whose items may hold commas. Blank items are none. */
export function listItems(text: GivenText): readonly string[] {
  const items = typeof text === "string" ? text.split(",") : text;
  return items.map((item) => item.trim()).filter((item) => item !== "");
}
