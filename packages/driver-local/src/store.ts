import {
  checkStoreKey,
  checkStoreValue,
  DiscoveryError,
  type Cancel,
  type Epoch,
  type Link,
  type Log,
  type Revision,
  type Store,
  type StoreObserver,
  type StorePosition,
  type StoreSnapshot,
  type WriteOptions,
} from "@org/discovery-core";
import { Feed } from "./feed.ts";
import type { LocalHub } from "./hub.ts";
import type { Registry } from "./registry.ts";

/** The store of one local driver. Watchers are told of a write before it resolves. */
export class LocalStore implements Store {
  readonly #hub: LocalHub;
  readonly #link: Link;
  readonly #log: Log;
  readonly #feeds = new Set<Feed>();

  constructor(hub: LocalHub, link: Link, log: Log) {
    this.#hub = hub;
    this.#link = link;
    this.#log = log;
  }

  async put(key: string, value: string, options: WriteOptions = {}): Promise<Revision> {
    checkStoreKey(key);
    checkStoreValue(key, value);
    return this.#write((registry) => registry.put(key, value, options.ifRevision));
  }

  async delete(key: string, options: WriteOptions = {}): Promise<Revision> {
    checkStoreKey(key);
    return this.#write((registry) => registry.delete(key, options.ifRevision));
  }

  async restore(replica: StoreSnapshot, lost: Epoch): Promise<Revision> {
    for (const [key, entry] of replica.entries) {
      checkStoreKey(key);
      checkStoreValue(key, entry.value);
    }
    return this.#write((registry) => registry.restore(replica, lost, this.#hub.newId()));
  }

  async wipe(): Promise<Revision> {
    return this.#write((registry) => registry.wipe(this.#hub.newId()));
  }

  async watch(observer: StoreObserver, seen?: StorePosition): Promise<Cancel> {
    if (seen !== undefined) this.#hub.recall(seen);
    const feed = new Feed(this.#hub, observer, this.#log);
    this.#feeds.add(feed);
    if (this.#link.state === "up") feed.pump();
    return () => {
      feed.cancel();
      this.#feeds.delete(feed);
    };
  }

  /** Tells every watcher what it has not been told. */
  pump(): void {
    for (const feed of [...this.#feeds]) feed.pump();
  }

  /** Tells nobody anything more. */
  close(): void {
    for (const feed of this.#feeds) feed.cancel();
    this.#feeds.clear();
  }

  #write(run: (registry: Registry) => Revision): Revision {
    if (this.#link.state === "up") return this.#hub.write(run);
    const reason = this.#link.lastError?.message ?? "not started";
    throw new DiscoveryError("unavailable", `driver local is down: ${reason}`, { cause: this.#link.lastError });
  }
}
