import type { Revision } from "@org/discovery-core";

/** From this sequence number on, this much is added to get the revision. */
export type TimelineSegment = readonly [fromSequence: number, offset: number];

/**
 * Turns a message's sequence number in the stream into the store's revision. They differ because a stream that was
 * made anew counts from 1 again, while revisions must go on rising above all that anybody saw before.
 */
export class RevisionTimeline {
  static readonly first: RevisionTimeline = new RevisionTimeline([[0, 0]]);
  readonly segments: readonly TimelineSegment[];

  /** @param segments rising in both numbers, the first from sequence 0. */
  constructor(segments: readonly TimelineSegment[]) {
    this.segments = segments;
  }

  /** The revision of the message with this sequence number. */
  at(sequence: number): Revision {
    const segment = this.segments.findLast(([from]) => from <= sequence);
    return sequence + (segment?.[1] ?? 0);
  }

  /** The same up to this message, and from it on at least this revision. */
  jump(sequence: number, atLeast: Revision): RevisionTimeline {
    if (this.at(sequence) >= atLeast) return this;
    return new RevisionTimeline([...this.segments, [sequence, atLeast - sequence]]);
  }

  /** The same from this message on, with nothing said of what was before. */
  since(sequence: number): RevisionTimeline {
    return new RevisionTimeline([[0, this.at(sequence) - sequence]]);
  }
}
