import type { Lane } from "./lane.ts";
import type { StoreTools } from "./store-tools.ts";

/** What the store's operations work with. */
export interface StoreParts extends StoreTools {
  readonly lane: Lane;
}
