import type { Cancel, Clock } from "../clock.ts";
import type { Revision } from "../driver/store.ts";
import { DiscoveryError } from "../error.ts";

/** Longest that a write, once the backend has it, waits to be seen in the replica, in milliseconds. */
const TIMEOUT_MS = 5000;

/** A write of this daemon between its request and its return through the watch. */
export interface OwnWrite {
  /** Resolves when the replica has shown this revision. Fails with `outcome_unknown` where it does not come. */
  shown(revision: Revision): Promise<void>;
  /** The write failed, or is done: stop looking out for it. */
  end(): void;
}

interface Pending {
  /** The last revision shown since the write began: an older one may belong to a life of the backend that is over. */
  seen: Revision;
  check: () => void;
  fail: (error: Error) => void;
}

/** Lets a writer wait until the replica shows what it wrote. */
export class OwnWrites {
  readonly #clock: Clock;
  readonly #pending = new Set<Pending>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** To be called before the write is sent. */
  begin(): OwnWrite {
    const pending: Pending = { seen: -1, check: () => {}, fail: () => {} };
    this.#pending.add(pending);
    return {
      shown: (revision) => this.#wait(pending, revision),
      end: () => void this.#pending.delete(pending),
    };
  }

  /** The replica now shows everything up to this revision. */
  show(revision: Revision): void {
    for (const pending of this.#pending) {
      pending.seen = revision;
      pending.check();
    }
  }

  /** Nothing will be shown any more. */
  stop(): void {
    for (const pending of this.#pending) pending.fail(notShown());
    this.#pending.clear();
  }

  #wait(pending: Pending, revision: Revision): Promise<void> {
    if (pending.seen >= revision) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const cancel: Cancel = this.#clock.after(TIMEOUT_MS, () => reject(notShown()));
      pending.fail = (error) => {
        cancel();
        reject(error);
      };
      pending.check = () => {
        if (pending.seen < revision) return;
        cancel();
        resolve();
      };
    });
  }
}

function notShown(): DiscoveryError {
  return new DiscoveryError(
    "outcome_unknown",
    "the backend accepted the write, but it has not come back from there yet; it may still appear",
  );
}
