import type { Epoch, Revision } from "@org/discovery-core";
import * as v from "valibot";
import { RevisionTimeline } from "./revision-timeline.ts";

const revision = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const schema = v.object({
  schema: v.literal(1),
  id: v.pipe(v.string(), v.nonEmpty()),
  origin: v.picklist(["fresh", "rewound", "wiped", "restored"]),
  base: v.optional(revision),
  floor: v.optional(revision),
  stage: v.optional(v.object({ id: v.pipe(v.string(), v.nonEmpty()), count: revision })),
  timeline: v.pipe(v.array(v.tuple([revision, v.pipe(v.number(), v.safeInteger())])), v.minLength(1)),
  atLeast: revision,
});

/** Entries that a restore put aside before it was declared. */
export interface Stage {
  readonly id: string;
  readonly count: number;
}

/** What is written to begin an epoch. */
export interface EpochDraft {
  readonly id: string;
  readonly origin: Epoch["origin"];
  /** Default: the record's own revision. */
  readonly base?: Revision;
  /** Writes at or below it count no more. Default: the record's own revision. */
  readonly floor?: Revision;
  /** Holds the entries where nothing was written above the floor. */
  readonly stage?: Stage | undefined;
  /** As it was before this record. */
  readonly timeline: RevisionTimeline;
  /** The record's own revision will be at least this. */
  readonly atLeast: Revision;
}

/** The message that began an epoch, as it stands in the bucket. */
export interface EpochRecord {
  readonly epoch: Epoch;
  readonly floor: Revision;
  readonly stage: Stage | undefined;
  /** With this record's own jump. */
  readonly timeline: RevisionTimeline;
  readonly sequence: number;
  readonly time: bigint;
}

/** The message that begins an epoch. */
export function encodeEpoch({ timeline, ...draft }: EpochDraft): string {
  return JSON.stringify({ schema: 1, ...draft, timeline: timeline.segments });
}

/** Reads it back; undefined for anything else. */
export function decodeEpoch(
  text: string,
  at: { readonly sequence: number; readonly time: bigint },
): EpochRecord | undefined {
  const parsed = v.safeParse(schema, jsonOf(text));
  if (!parsed.success) return undefined;
  const { id, origin, base, floor, stage, atLeast } = parsed.output;
  const timeline = new RevisionTimeline(parsed.output.timeline).jump(at.sequence, atLeast);
  const own = timeline.at(at.sequence);
  return { epoch: { id, origin, base: base ?? own }, floor: floor ?? own, stage, timeline, ...at };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
