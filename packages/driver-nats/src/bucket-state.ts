import type { Revision, StoreChange, StoreEntry, StoreSnapshot } from "@org/discovery-core";
import type { BucketMessage } from "./bucket-message.ts";
import type { EpochRecord } from "./epoch-record.ts";

/** The last message on an entry's subject. */
export interface Head {
  readonly sequence: number;
  readonly time: bigint;
  /** `undefined`: it deletes the key. */
  readonly value: string | undefined;
}

/** What a message meant for the store. */
export type Effect =
  | { readonly kind: "change"; readonly change: StoreChange }
  | { readonly kind: "epoch" }
  | { readonly kind: "nothing" };

const NOTHING: Effect = { kind: "nothing" };

/**
 * What the bucket's messages, taken in the order of the stream, amount to. Every daemon computes the same from the same
 * messages, and that is what makes a restore happen at once everywhere: its entries are put aside under `stage.…`, where
 * they mean nothing until the one message that declares the restored epoch.
 */
export class BucketState {
  readonly #heads = new Map<string, Head>();
  readonly #stages = new Map<string, Map<string, StoreEntry>>();
  #record: EpochRecord | undefined;
  #last: { readonly sequence: number; readonly time: bigint } = { sequence: 0, time: 0n };
  #sweptAt = 0;
  #sweptBelow = 0;

  get record(): EpochRecord | undefined {
    return this.#record;
  }

  /** The last message taken; sequence 0 before the first. */
  get last(): { readonly sequence: number; readonly time: bigint } {
    return this.#last;
  }

  /** Where in the stream old deletions were last forgotten; 0 for never. */
  get sweptAt(): number {
    return this.#sweptAt;
  }

  /** A deletion that need not be there any more, though it may be. */
  isForgotten({ value, sequence }: Head): boolean {
    return value === undefined && sequence < this.#sweptBelow;
  }

  /** The deletions that hide nothing: without them the store would be the same. */
  get deletions(): readonly (readonly [key: string, head: Head])[] {
    const staged = this.#staged();
    return [...this.#heads].filter(([key, { value }]) => value === undefined && staged?.has(key) !== true);
  }

  get heads(): ReadonlyMap<string, Head> {
    return this.#heads;
  }

  get revision(): Revision {
    return this.#revisionAt(this.#last.sequence);
  }

  /** The stages in the bucket, declared or not. */
  get stages(): readonly string[] {
    return [...this.#stages.keys()];
  }

  /** How many entries of the declared stage there are. */
  get staged(): number {
    return this.#staged()?.size ?? 0;
  }

  /** False if entries are missing that a restore wrote back: somebody removed them from the bucket. */
  get isWhole(): boolean {
    return this.staged === (this.#record?.stage?.count ?? 0);
  }

  entry(key: string): StoreEntry | undefined {
    const head = this.#heads.get(key);
    if (head === undefined || !this.#counts(head)) return this.#staged()?.get(key);
    return head.value === undefined ? undefined : { value: head.value, revision: this.#revisionAt(head.sequence) };
  }

  /** Needs a record. */
  snapshot(): StoreSnapshot {
    const record = this.#record;
    if (record === undefined) throw new Error("a snapshot of a bucket without an epoch");
    const entries = new Map(this.#staged());
    for (const [key, head] of this.#heads) {
      if (!this.#counts(head)) continue;
      if (head.value === undefined) entries.delete(key);
      else entries.set(key, { value: head.value, revision: this.#revisionAt(head.sequence) });
    }
    return { epoch: record.epoch, revision: this.revision, entries };
  }

  /** Takes the next message. */
  apply({ content, sequence, time }: BucketMessage): Effect {
    this.#last = { sequence, time };
    switch (content.kind) {
      case "entry":
        this.#heads.set(content.key, { sequence, time, value: content.value });
        return {
          kind: "change",
          change: { revision: this.#revisionAt(sequence), key: content.key, value: content.value },
        };
      case "staged":
        this.#stage(content.stage).set(content.key, content.entry);
        return NOTHING;
      case "epoch":
        this.#begin(content.record);
        return { kind: "epoch" };
      case "swept":
        this.#sweep(content.below, sequence);
        return NOTHING;
      case "foreign":
        return NOTHING;
    }
  }

  #begin(record: EpochRecord): void {
    this.#record = record;
    // The others can't be declared any more: whoever put them there did it for an epoch that is over.
    for (const id of this.#stages.keys()) if (id !== record.stage?.id) this.#stages.delete(id);
    // The message of a wipe removed everything before it from the stream.
    if (record.epoch.origin === "wiped") this.#heads.clear();
  }

  #sweep(below: number, sequence: number): void {
    this.#sweptAt = sequence;
    this.#sweptBelow = below;
    // Before the epoch is known it can't be told what they hide; then those that are still there stay.
    if (this.#record === undefined) return;
    for (const [key, head] of this.deletions) if (this.isForgotten(head)) this.#heads.delete(key);
  }

  #stage(id: string): Map<string, StoreEntry> {
    const existing = this.#stages.get(id);
    if (existing !== undefined) return existing;
    const stage = new Map<string, StoreEntry>();
    this.#stages.set(id, stage);
    return stage;
  }

  #staged(): ReadonlyMap<string, StoreEntry> | undefined {
    const stage = this.#record?.stage;
    return stage === undefined ? undefined : this.#stages.get(stage.id);
  }

  #counts(head: Head): boolean {
    return this.#revisionAt(head.sequence) > (this.#record?.floor ?? 0);
  }

  #revisionAt(sequence: number): Revision {
    return this.#record === undefined ? sequence : this.#record.timeline.at(sequence);
  }
}
