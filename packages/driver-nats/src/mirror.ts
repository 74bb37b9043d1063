import {
  DiscoveryError,
  isDiscoveryError,
  sleep,
  toError,
  type Cancel,
  type DriverContext,
  type Revision,
  type StoreObserver,
  type StorePosition,
} from "@org/discovery-core";
import { Availability } from "./availability.ts";
import { openBucket, type Memory, type OpenBucket } from "./bucket-opening.ts";
import { BucketState } from "./bucket-state.ts";
import type { Bucket } from "./bucket.ts";
import type { Connection } from "./connection.ts";
import { Following, type Ending } from "./following.ts";
import { JetStream, type BucketLimits } from "./jetstream.ts";
import { Observers } from "./observers.ts";
import { Progress } from "./progress.ts";
import type { Publisher } from "./publisher.ts";
import { declareRewound, lossOf } from "./rewind.ts";
import type { Session } from "./session.ts";

export interface MirrorOptions {
  readonly bucket: Bucket;
  readonly limits: BucketLimits;
  readonly heartbeatMs: number;
  /** How long JetStream may be silent, and each call of it take. */
  readonly silenceMs: number;
}

/** A whole copy of the bucket, and the connection over which it is kept up to date. */
export interface Copy {
  readonly state: BucketState;
  readonly api: JetStream;
  /** When the stream was made: another one has another. */
  readonly created: string;
}

/** Where a copy stood when a message was written. */
export interface Standpoint {
  readonly created: string;
  readonly sequence: number;
}

const RETRY_MS = 500;
const NO_JETSTREAM_RETRY_MS = 5000;

/**
 * The driver's own copy of the bucket, kept by following its stream: what watchers are told, and what conditional writes are
 * checked against before the server checks them again. The last whole copy outlives the connection, for only by comparing can a
 * return without the data be told from a return with it.
 */
export class Mirror {
  readonly #context: DriverContext;
  readonly #publisher: Publisher;
  readonly #options: MirrorOptions;
  readonly #availability: Availability;
  readonly #progress: Progress;
  readonly #observers = new Observers();
  readonly #closing = new AbortController();
  #copy: Copy | undefined;
  #following: Following | undefined;
  /** How far this daemon had seen the bucket before it was started. */
  #seen: StorePosition | undefined;

  constructor(
    connection: Connection,
    context: DriverContext,
    { publisher, options }: { publisher: Publisher; options: MirrorOptions },
  ) {
    this.#context = context;
    this.#publisher = publisher;
    this.#options = options;
    this.#availability = new Availability(context);
    this.#progress = new Progress(context.clock);
    let kept: Session | undefined;
    connection.link.onChange(() => {
      const { current } = connection;
      if (current === undefined || current === kept) return;
      kept = current;
      void this.#keep(current);
    });
  }

  /** The first snapshot has all that was written by now. Fails with `unimplemented` where the server is known to have no JetStream. */
  watch(observer: StoreObserver, seen?: StorePosition): Cancel {
    this.#availability.throwIfNever();
    if (seen !== undefined) this.#recall(seen);
    const cancel = this.#observers.add(observer);
    void this.#introduce();
    return cancel;
  }

  /** The copy, once it is up to date. Fails with `unavailable` when the time is up, or with `unimplemented`. */
  async live(timeoutMs: number): Promise<Copy> {
    await this.#availability.wait(timeoutMs);
    if (this.#copy === undefined) throw new DiscoveryError("unavailable", "the registry's bucket was not reached yet");
    return this.#copy;
  }

  /** Resolves when the copy has what the bucket holds by now. Fails with `unavailable` if that takes too long. */
  async refresh({ api, state }: Copy): Promise<void> {
    const tail = (await api.tail()) ?? 0;
    if (state.last.sequence >= tail || (await this.#progress.reached(tail, this.#options.silenceMs))) return;
    throw new DiscoveryError("unavailable", "the registry's bucket is ahead of what this daemon can see of it");
  }

  /** The revision of a message that was just written. Fails with `outcome_unknown` where the stream was lost meanwhile. */
  async revisionOf(sequence: number, before: Standpoint, timeoutMs: number): Promise<Revision> {
    // A stream that counts backwards is another one.
    if (sequence <= before.sequence) this.reload("the stream was replaced");
    else if (!this.#hasTaken(sequence)) await this.#progress.reached(sequence, timeoutMs);
    const record = this.#copy?.state.record;
    const isSame = this.#copy?.created === before.created && sequence > before.sequence;
    if (record !== undefined && isSame && this.#hasTaken(sequence)) return record.timeline.at(sequence);
    throw new DiscoveryError("outcome_unknown", "written, but the bucket was lost before the write was seen in it");
  }

  /** Reads the bucket anew. */
  reload(why: string): void {
    this.#following?.end({ error: new DiscoveryError("unavailable", why), isStale: true });
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  close(): void {
    const error = new DiscoveryError("unavailable", "the NATS driver was closed");
    this.#closing.abort();
    this.#observers.clear();
    this.#following?.end({ error, isStale: false });
    this.#availability.close(error);
    this.#progress.close();
  }

  /** Gives new watchers their first snapshot. While there is no copy up to date, `onLive` will. */
  async #introduce(): Promise<void> {
    const copy = this.#copy;
    if (copy === undefined || !this.#availability.isLive) return;
    // One that is a little behind is better than none.
    await this.refresh(copy).catch(() => undefined);
    if (this.#copy === copy && this.#availability.isLive) this.#observers.live(copy.state);
  }

  #recall(seen: StorePosition): void {
    this.#seen = seen;
    const { record, revision = 0 } = this.#copy?.state ?? {};
    if (record?.epoch.id === seen.epochId && revision < seen.revision) this.reload("it is behind what was seen of it");
  }

  #hasTaken(sequence: number): boolean {
    return (this.#copy?.state.last.sequence ?? 0) >= sequence;
  }

  /** Follows the bucket for as long as the session lasts. */
  async #keep(session: Session): Promise<void> {
    let isStale = false;
    while (!session.isOver && !this.#closing.signal.aborted) {
      try {
        const ending = await this.#attach(session, isStale);
        ({ isStale } = ending);
        this.#lost(ending.error);
        if (!isStale) await this.#pause(RETRY_MS);
      } catch (error) {
        this.#lost(error);
        await this.#pause(isDiscoveryError(error, "unimplemented") ? NO_JETSTREAM_RETRY_MS : RETRY_MS);
      }
    }
  }

  async #attach(session: Session, isStale: boolean): Promise<Ending> {
    const { bucket, limits, silenceMs } = this.#options;
    const api = new JetStream(session.nats, bucket, silenceMs);
    const tools = { publisher: this.#publisher, limits, random: this.#context.random };
    const opened = await openBucket(api, tools, this.#memory());
    const before = this.#copy?.state;
    const state = !isStale && before !== undefined && continues(before, opened) ? before : new BucketState();
    const copy = { state, api, created: opened.created };
    if (state === before) this.#copy = copy;
    const following = this.#follow(copy, opened);
    try {
      await following.open();
      const over = session.ended.then((error): Ending => ({ error, isStale: false }));
      const ending = await Promise.race([following.ended, over]);
      if (ending.loss !== undefined) await declareRewound(ending.loss, tools, bucket);
      return ending;
    } finally {
      following.end({ error: new Error("left"), isStale });
    }
  }

  #follow(copy: Copy, opened: OpenBucket): Following {
    const { state } = copy;
    const following: Following = new Following(copy.api, state, {
      tail: opened.tail,
      timing: { clock: this.#context.clock, ...this.#options },
      listener: {
        onWhole: () => {
          const { lastSequence } = opened;
          const loss = lossOf(this.#copy?.state, state, { lastSequence, seen: this.#seen });
          if (loss === undefined) this.#adopt(copy);
          else following.end({ error: new DiscoveryError("unavailable", "the bucket lost data"), isStale: true, loss });
        },
        onEffect: (effect) => {
          this.#observers.effect(effect, state);
          this.#progress.step(state.last.sequence);
        },
        onLive: () => {
          if (this.#following !== following || this.#copy !== copy) return;
          this.#availability.live();
          this.#observers.live(state);
        },
      },
    });
    this.#following = following;
    return following;
  }

  #adopt(copy: Copy): void {
    this.#copy = copy;
    this.#observers.replaced(copy.state);
    this.#progress.leap(copy.state.last.sequence);
  }

  #memory(): Memory | undefined {
    const { state, created } = this.#copy ?? {};
    if (state?.record === undefined || created === undefined) return undefined;
    return { created, timeline: state.record.timeline, revision: state.revision };
  }

  #lost(error: unknown): void {
    if (this.#closing.signal.aborted) return;
    const failure = isDiscoveryError(error)
      ? error
      : new DiscoveryError("unavailable", toError(error).message, { cause: error });
    this.#availability.lost(failure);
  }

  /** Jittered, so that the daemons of a fleet don't come all at once. */
  async #pause(mostMs: number): Promise<void> {
    const delayMs = mostMs * (0.1 + 0.9 * this.#context.random());
    await sleep(this.#context.clock, delayMs, this.#closing.signal).catch(() => undefined);
  }
}

/** Whether the bucket may be followed from where the copy is. The last message's identity is checked then. */
function continues(before: BucketState, { record, lastSequence }: OpenBucket): boolean {
  const was = before.record;
  return was?.sequence === record.sequence && was.time === record.time && lastSequence >= before.last.sequence;
}
