import type { BucketMessage, Content } from "../src/bucket-message.ts";
import { BucketState } from "../src/bucket-state.ts";
import { decodeEpoch, encodeEpoch, type EpochDraft } from "../src/epoch-record.ts";
import { RevisionTimeline } from "../src/revision-timeline.ts";

export type Step =
  | { readonly kind: "put"; readonly key: string; readonly value: string }
  | { readonly kind: "delete"; readonly key: string }
  | { readonly kind: "stage"; readonly stage: string; readonly key: string }
  | { readonly kind: "fresh" }
  | { readonly kind: "rewound"; readonly back: number }
  | { readonly kind: "restored"; readonly stage: string }
  | { readonly kind: "wiped" }
  | { readonly kind: "swept" };

/** A stream as JetStream keeps it, with one message for each subject, and daemons that write to it what ours would. */
export class LogModel {
  readonly #messages = new Map<string, BucketMessage>();
  readonly #state = new BucketState();
  #sequence = 0;
  #delay = 0n;

  /** Lets the server's clock run ahead. */
  delay(by: bigint): void {
    this.#delay += by;
  }

  /** The messages that the step adds; none where a daemon would not do it in this state. */
  append(step: Step): BucketMessage[] {
    const { record } = this.#state;
    switch (step.kind) {
      case "put":
        return this.#add(`entry ${step.key}`, { kind: "entry", key: step.key, value: step.value });
      case "delete":
        return this.#add(`entry ${step.key}`, { kind: "entry", key: step.key, value: undefined });
      case "stage":
        return this.#stage(step.stage, step.key);
      case "fresh":
        return record === undefined ? this.#begin({ origin: "fresh", base: this.#state.revision, floor: 0 }) : [];
      case "rewound":
        return this.#rewind(step.back);
      case "restored":
        return this.#restore(step.stage);
      case "wiped":
        this.#messages.clear();
        return this.#begin({ origin: "wiped" });
      case "swept":
        return this.#sweep();
    }
  }

  lastPerSubject(): BucketMessage[] {
    return [...this.#messages.values()].toSorted((left, right) => left.sequence - right.sequence);
  }

  #stage(stage: string, key: string): BucketMessage[] {
    // Only a restore that is still going on writes to its stage, and only while the data is lost.
    if (this.#state.record?.stage?.id === stage || !this.#isLost()) return [];
    const entry = { value: `${stage}/${key}`, revision: 1000 };
    return this.#add(`stage ${stage} ${key}`, { kind: "staged", stage, key, entry });
  }

  #rewind(back: number): BucketMessage[] {
    const { record } = this.#state;
    if (record === undefined) return [];
    const base = Math.max(0, this.#state.revision - back);
    const atLeast = this.#state.revision + 7;
    return this.#begin({ origin: "rewound", base, floor: record.floor, stage: record.stage, atLeast });
  }

  #restore(id: string): BucketMessage[] {
    const { record } = this.#state;
    if (record === undefined || !this.#isLost() || record.stage?.id === id) return [];
    const count = [...this.#messages.keys()].filter((subject) => subject.startsWith(`stage ${id} `)).length;
    return this.#begin({ origin: "restored", floor: record.epoch.base, stage: { id, count }, atLeast: 1001 });
  }

  #sweep(): BucketMessage[] {
    const old = this.#state.deletions.filter(([, { sequence }]) => sequence < this.#sequence);
    const below = Math.max(0, ...old.map(([, { sequence }]) => sequence)) + 1;
    const added = this.#add("swept", { kind: "swept", below });
    for (const [key] of old) this.#messages.delete(`entry ${key}`);
    return added;
  }

  #isLost(): boolean {
    const origin = this.#state.record?.epoch.origin;
    return origin === "fresh" || origin === "rewound";
  }

  #begin(draft: Pick<EpochDraft, "origin"> & Partial<EpochDraft>): BucketMessage[] {
    const at = { sequence: this.#sequence + 1, time: BigInt(this.#sequence + 1) + this.#delay };
    const timeline = this.#state.record?.timeline ?? RevisionTimeline.first;
    const record = decodeEpoch(encodeEpoch({ id: `epoch ${at.sequence}`, timeline, atLeast: 0, ...draft }), at);
    if (record === undefined) throw new Error("an epoch record that can't be read back");
    const dead = [...this.#messages.keys()].filter(
      (subject) => subject.startsWith("stage ") && !subject.startsWith(`stage ${record.stage?.id} `),
    );
    for (const subject of dead) this.#messages.delete(subject);
    return this.#add("epoch", { kind: "epoch", record });
  }

  #add(subject: string, content: Content): BucketMessage[] {
    this.#sequence++;
    const message = { content, sequence: this.#sequence, time: BigInt(this.#sequence) + this.#delay };
    this.#messages.set(subject, message);
    this.#state.apply(message);
    return [message];
  }
}
