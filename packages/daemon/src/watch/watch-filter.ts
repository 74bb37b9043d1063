import { selectorMatches, type Selector } from "@org/discovery-core";
import type { WatchedItem, WatchedKind } from "./watched-item.ts";
import type { ItemChange } from "./watched-kind-state.ts";

/** What one client wants to see. */
export interface WatchFilter {
  readonly kinds: ReadonlySet<WatchedKind>;
  /** Only this namespace and its services; does not concern hosts and servers. */
  readonly namespace: string | undefined;
  /** On labels; does not concern namespaces, which have none. */
  readonly selector: Selector;
}

/** A change as a client with a filter sees it. */
export interface SeenChange {
  readonly op: "put" | "delete";
  readonly item: WatchedItem;
}

export function passes({ kinds, namespace, selector }: WatchFilter, item: WatchedItem): boolean {
  if (!kinds.has(item.kind)) return false;
  if (namespace !== undefined && item.namespace !== undefined && item.namespace !== namespace) return false;
  return item.labels === undefined || selectorMatches(selector, item.labels);
}

/** What a change is to this client: an item that no longer passes is gone. `undefined` where it is nothing. */
export function seenAs(filter: WatchFilter, { before, after }: ItemChange): SeenChange | undefined {
  if (after !== undefined && passes(filter, after)) return { op: "put", item: after };
  if (before !== undefined && passes(filter, before)) return { op: "delete", item: before };
  return undefined;
}
