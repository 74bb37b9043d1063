import type { HostChange } from "@org/discovery-core";
import type { KnownHost } from "../../src/http/presence-view.ts";

/** Known hosts in the hands of a test, with the notices that core would give. */
export class KnownHosts {
  readonly #labels = new Map<string, readonly string[]>();
  readonly #listeners: ((change: HostChange) => void)[] = [];
  #list: readonly KnownHost[] | undefined;

  /** For `Untold`. */
  readonly list = (): readonly KnownHost[] => {
    this.#list ??= [...this.#labels]
      .map(([hostname, labels]) => ({ hostname, labels, lastSeen: 1_700_000_000 }))
      .toSorted((left, right) => (left.hostname < right.hostname ? -1 : 1));
    return this.#list;
  };

  onChange(listener: (change: HostChange) => void): void {
    this.#listeners.push(listener);
  }

  /** The host has these labels from now on. Nothing happens where it has them already. */
  set(hostname: string, ...labels: readonly string[]): void {
    const before = this.#labels.get(hostname);
    if (before?.join() === labels.join()) return;
    this.#labels.set(hostname, labels);
    this.#tell({ hostname, reason: before === undefined ? "joined" : "changed" });
  }

  /** The host is gone. Nothing happens where it was not there. */
  remove(hostname: string, reason: "left" | "expired"): void {
    if (this.#labels.delete(hostname)) this.#tell({ hostname, reason });
  }

  #tell(change: HostChange): void {
    this.#list = undefined;
    for (const listener of this.#listeners) listener(change);
  }
}
