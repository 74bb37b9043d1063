import type { Cancel, StoreObserver } from "@org/discovery-core";
import type { BucketState, Effect } from "./bucket-state.ts";

interface Watching {
  readonly observer: StoreObserver;
  /** Whether it had its first snapshot: before that, changes mean nothing to it. */
  isTold: boolean;
}

/** Who watches the store. */
export class Observers {
  readonly #watching = new Set<Watching>();

  /** Its first snapshot comes with `live` or `replaced`. */
  add(observer: StoreObserver): Cancel {
    const watching: Watching = { observer, isTold: false };
    this.#watching.add(watching);
    return () => void this.#watching.delete(watching);
  }

  /** The copy is up to date: those who know nothing yet get it whole. */
  live(state: BucketState): void {
    for (const watching of this.#watching) if (!watching.isTold) tell(watching, state);
  }

  /** Another copy, or another epoch: everybody gets it whole. */
  replaced(state: BucketState): void {
    for (const watching of this.#watching) tell(watching, state);
  }

  effect(effect: Effect, state: BucketState): void {
    if (effect.kind === "epoch") this.replaced(state);
    if (effect.kind !== "change") return;
    for (const { observer, isTold } of this.#watching) if (isTold) observer.onChange(effect.change);
  }

  clear(): void {
    this.#watching.clear();
  }
}

function tell(watching: Watching, state: BucketState): void {
  watching.isTold = true;
  watching.observer.onSnapshot(state.snapshot());
}
