import { createHash } from "node:crypto";
import type { KnownHost } from "./presence-view.ts";

/** An answer ready to be sent. */
export interface RenderedList {
  readonly json: string;
  /** Strong entity tag (RFC 9110, 8.8.3) of exactly these bytes. */
  readonly etag: string;
}

/** Most characters kept. Clients choose the selectors, so the number of different lists has no other bound. */
const MAX_KEPT = 16 * 1024 * 1024;

/** Lists made from the hosts, rendered once for each state of the fleet. */
export class RenderedLists {
  #hosts: readonly KnownHost[] = [];
  #lists = new Map<string, RenderedList>();
  #kept = 0;

  /**
   * The list under this key, made by `make` if these hosts have none yet. The array stands for its content: it is a new one
   * whenever a host joined, changed or left.
   */
  get(hosts: readonly KnownHost[], key: string, make: () => readonly unknown[]): RenderedList {
    if (hosts !== this.#hosts) this.#forget(hosts);
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
    if (this.#kept + size > MAX_KEPT) this.#forget(this.#hosts);
    this.#lists.set(key, list);
    this.#kept += size;
  }

  #forget(hosts: readonly KnownHost[]): void {
    this.#hosts = hosts;
    this.#lists = new Map();
    this.#kept = 0;
  }
}
