import { createHash } from "node:crypto";

/** An answer ready to be sent. */
export interface RenderedList {
  readonly json: string;
  /** Strong entity tag (RFC 9110, 8.8.3) of exactly these bytes. */
  readonly etag: string;
}

/** Most characters kept. Clients choose the selectors, so the number of different lists has no other bound. */
const MAX_KEPT = 16 * 1024 * 1024;

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
    const json = JSON.stringify(make());
    const list = { json, etag: `"${createHash("sha256").update(json).digest("base64url").slice(0, 22)}"` };
    this.#keep(key, list);
    return list;
  }

  #keep(key: string, list: RenderedList): void {
    const size = key.length + list.json.length;
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
