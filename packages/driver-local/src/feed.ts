import { toError, type Log, type Revision, type StoreObserver } from "@org/discovery-core";
import type { LocalHub } from "./hub.ts";
import type { Registry } from "./registry.ts";

type Call = (observer: StoreObserver) => void;

/**
 * One watcher, and how far it has been told. It always reads on from there, whatever happened in between: that is what makes
 * every change come exactly once.
 */
export class Feed {
  readonly #hub: LocalHub;
  readonly #observer: StoreObserver;
  readonly #log: Log;
  #epoch: string | undefined;
  #revision: Revision = 0;
  #isPumping = false;
  #isCancelled = false;

  constructor(hub: LocalHub, observer: StoreObserver, log: Log) {
    this.#hub = hub;
    this.#observer = observer;
    this.#log = log;
  }

  /** Tells the observer all that it has not been told. Returns at once when called by that observer: the outer call goes on. */
  pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      while (this.#tellNext());
    } finally {
      this.#isPumping = false;
    }
  }

  cancel(): void {
    this.#isCancelled = true;
  }

  /** False when there is nothing to tell, or nobody to ask. */
  #tellNext(): boolean {
    if (this.#isCancelled) return false;
    const calls = this.#hub.read((registry) => this.#next(registry)) ?? [];
    for (const call of calls) this.#tell(call);
    return calls.length > 0;
  }

  #next(registry: Registry): Call[] {
    const changes = registry.epoch.id === this.#epoch ? registry.changesAfter(this.#revision) : undefined;
    if (changes !== undefined) {
      return changes.map((change) => (observer) => {
        this.#revision = change.revision;
        observer.onChange(change);
      });
    }
    const snapshot = registry.snapshot();
    this.#epoch = snapshot.epoch.id;
    this.#revision = snapshot.revision;
    return [(observer) => observer.onSnapshot(snapshot)];
  }

  #tell(call: Call): void {
    if (this.#isCancelled) return;
    try {
      call(this.#observer);
    } catch (error) {
      this.#log.error({ err: toError(error) }, "store watcher threw; it goes on with the next change");
    }
  }
}
