import type { WatchedItem } from "./watched-item.ts";

/** What happened to one item. `before` is missing for one that came, `after` for one that went. */
export interface ItemChange {
  readonly before?: WatchedItem;
  readonly after?: WatchedItem;
}

export interface KindReader<Source extends object> {
  /** All there are, in a stable order. */
  readonly sources: () => readonly Source[];
  readonly key: (source: Source) => string;
  readonly item: (source: Source) => WatchedItem;
}

/** One kind of items as it was when last looked at. */
export interface KindState {
  readonly items: Iterable<WatchedItem>;
  /** Looks again; gives what is different. */
  refresh(): ItemChange[];
}

/** Finds changes by comparing. What is the same object as before costs a look-up. */
export class ComparedKind<Source extends object> implements KindState {
  readonly #reader: KindReader<Source>;
  #items = new Map<string, WatchedItem>();

  constructor(reader: KindReader<Source>) {
    this.#reader = reader;
  }

  get items(): Iterable<WatchedItem> {
    return this.#items.values();
  }

  refresh(): ItemChange[] {
    const changes: ItemChange[] = [];
    const items = new Map<string, WatchedItem>();
    for (const source of this.#reader.sources()) {
      const key = this.#reader.key(source);
      const before = this.#items.get(key);
      const after = before?.source === source ? before : this.#reader.item(source);
      items.set(key, after);
      if (before === undefined) changes.push({ after });
      else if (before !== after && before.fingerprint() !== after.fingerprint()) changes.push({ before, after });
    }
    for (const [key, before] of this.#items) if (!items.has(key)) changes.push({ before });
    this.#items = items;
    return changes;
  }
}
