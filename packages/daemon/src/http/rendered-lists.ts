import { RenderedList } from "./rendered-list.ts";

/**
 * Most bytes kept, compressed ones included. Clients choose the selectors, so the number of different lists has no other bound.
 */
const MAX_KEPT = 32 * 1024 * 1024;
/** What an entry costs beside its text, in bytes: clients may ask for any number of empty lists. */
const OVERHEAD = 512;

/** Answers made from what the daemon knows, rendered once for each state of it. */
export class RenderedLists {
  #state: unknown;
  #lists = new Map<string, RenderedList>();
  #kept = 0;

  /**
   * The answer under this key, made by `make` if this state has none yet. The state stands for its content, by identity: another
   * array of hosts, or another version of the catalog, is another state.
   */
  get(state: unknown, key: string, make: () => unknown): RenderedList {
    if (state !== this.#state) this.#forget(state);
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    const list = new RenderedList(make());
    this.#keep(key, list);
    return list;
  }

  #keep(key: string, list: RenderedList): void {
    // Compressed it is hardly ever longer than plain.
    const size = OVERHEAD + key.length + 2 * list.plain.bytes.byteLength;
    if (size > MAX_KEPT) return;
    if (this.#kept + size > MAX_KEPT) this.#forget(this.#state);
    this.#lists.set(key, list);
    this.#kept += size;
  }

  #forget(state: unknown): void {
    this.#state = state;
    this.#lists = new Map();
    this.#kept = 0;
  }
}
