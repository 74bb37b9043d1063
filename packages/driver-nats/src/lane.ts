import { DiscoveryError, isDiscoveryError, sleep, type Revision } from "@org/discovery-core";
import type { BucketState } from "./bucket-state.ts";
import type { Copy } from "./mirror.ts";
import type { Write } from "./publisher.ts";
import type { StoreTools } from "./store-tools.ts";

/** A write that may be made only in a certain state of the store. */
export interface Job {
  /** The entry that it looks at and writes; undefined if it is about the whole store. */
  readonly key: string | undefined;
  /** Says what forbids it, if anything does. */
  readonly forbidden: (state: BucketState) => DiscoveryError | undefined;
  readonly write: (state: BucketState) => Write;
}

interface Pending {
  readonly job: Job;
  /** Monotonic milliseconds until which it is tried; counts from when its turn first comes. */
  deadline: number | undefined;
  readonly resolve: (revision: Revision) => void;
  readonly reject: (error: unknown) => void;
  /** What the copy said before it was known to be up to date. */
  isInDoubt: boolean;
}

const WIDTH = 64;
const PAUSE_MS = 100;

/**
 * Makes conditional writes: each is checked against the copy, and sent on condition that the copy's last message is still the stream's
 * last one, so that nothing can have happened in between. Writes of different entries go in one burst, each expecting the one before it.
 * Where somebody else was first, the copy is brought up to date, and they are checked again. While there is no copy up to date, for
 * example because a leader is being elected, they wait.
 */
export class Lane {
  readonly #parts: StoreTools;
  readonly #pending: Pending[] = [];
  #isRunning = false;

  constructor(parts: StoreTools) {
    this.#parts = parts;
  }

  /** Fails as the job's condition says, or as `Publisher.publish`; at once with `unavailable` while the link is down. */
  async run(job: Job): Promise<Revision> {
    this.#parts.connection.required();
    return new Promise((resolve, reject) => {
      this.#pending.push({ job, deadline: undefined, resolve, reject, isInDoubt: false });
      if (!this.#isRunning) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isRunning = true;
    while (this.#pending.length > 0) {
      const burst = this.#nextBurst();
      try {
        await this.#send(burst);
      } catch (error) {
        await this.#postpone(burst, error);
      }
    }
    this.#isRunning = false;
  }

  /** Nothing of it was sent. */
  async #postpone(burst: readonly Pending[], error: unknown): Promise<void> {
    const { context, mirror } = this.#parts;
    const mayPass = isDiscoveryError(error, "unavailable") && !mirror.isClosed;
    for (const pending of burst) {
      if (mayPass && this.#remainingMs([pending]) > PAUSE_MS) this.#pending.push(pending);
      else pending.reject(error);
    }
    if (mayPass) await sleep(context.clock, PAUSE_MS);
  }

  #remainingMs(burst: readonly Pending[]): number {
    const now = this.#parts.context.clock.monotonic();
    return Math.max(...burst.map(({ deadline = now }) => deadline - now));
  }

  /** The first jobs that don't concern each other. */
  #nextBurst(): Pending[] {
    const burst: Pending[] = [];
    const keys = new Set<string>();
    for (const pending of this.#pending) {
      const { key } = pending.job;
      const isAlone = key === undefined;
      if (burst.length === WIDTH || (isAlone && burst.length > 0) || (key !== undefined && keys.has(key))) break;
      burst.push(pending);
      if (isAlone) break;
      keys.add(key);
    }
    this.#pending.splice(0, burst.length);
    return burst;
  }

  async #send(burst: readonly Pending[]): Promise<void> {
    const { context, mirror, publisher, timeoutMs } = this.#parts;
    for (const pending of burst) pending.deadline ??= context.clock.monotonic() + timeoutMs;
    const copy = await mirror.live(this.#remainingMs(burst));
    const areInDoubt = burst.some(({ isInDoubt }) => isInDoubt);
    if (areInDoubt) await mirror.refresh(copy);
    const allowed = burst.filter((pending) => this.#isAllowed(pending, copy, areInDoubt));
    const before = { created: copy.created, sequence: copy.state.last.sequence };
    const outcomes = allowed.map(async (pending, index) => {
      try {
        const write = { ...pending.job.write(copy.state), ifStreamAt: before.sequence + index };
        const sequence = await publisher.publish(write, pending.deadline);
        pending.resolve(await mirror.revisionOf(sequence, before, timeoutMs));
      } catch (error) {
        this.#failed(pending, error);
      }
    });
    await Promise.all(outcomes);
  }

  #isAllowed(pending: Pending, { state }: Copy, isUpToDate: boolean): boolean {
    const reason = pending.job.forbidden(state);
    if (reason === undefined) return true;
    if (isUpToDate) pending.reject(reason);
    else this.#again(pending);
    return false;
  }

  #failed(pending: Pending, error: unknown): void {
    if (!isDiscoveryError(error, "revision_conflict")) pending.reject(error);
    else if (this.#remainingMs([pending]) > 0) this.#again(pending);
    else pending.reject(new DiscoveryError("unavailable", "not written: others wrote all the time", { cause: error }));
  }

  #again(pending: Pending): void {
    pending.isInDoubt = true;
    this.#pending.push(pending);
  }
}
