import type { GivenText } from "./given.ts";
import type { Shape } from "./value-types.ts";

/** The items of a list, or of several values: only a list's text is cut at its commas. Blank items are none. */
export function listItems(text: GivenText, shape: Shape): readonly string[] {
  const items = typeof text === "string" && shape === "list" ? text.split(",") : [text].flat();
  return items.map((item) => item.trim()).filter((item) => item !== "");
}

/** Whether an option of that shape takes more than one value. */
export function isPlural(shape: Shape): boolean {
  return shape === "list" || shape === "several";
}
