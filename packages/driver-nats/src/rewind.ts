import { randomIdentifier, type Revision, type StorePosition } from "@org/discovery-core";
import type { BucketState, Head } from "./bucket-state.ts";
import type { Bucket } from "./bucket.ts";
import { encodeEpoch, type EpochRecord } from "./epoch-record.ts";
import type { Publisher } from "./publisher.ts";

/** What a bucket that lost data has left. */
export interface Loss {
  /** Up to this revision it is as it was; what is above was written since. */
  readonly base: Revision;
  /** The highest revision that was seen before or is there now. */
  readonly revision: Revision;
  readonly record: EpochRecord;
  /** How many of the restored entries are there. */
  readonly staged: number;
  readonly lastSequence: number;
}

export interface Evidence {
  /** The stream's own count, which outlives removed messages. */
  readonly lastSequence: number;
  /** How far this daemon had seen the bucket before it was started. */
  readonly seen?: StorePosition | undefined;
}

/** Compares a bucket with what was seen of it before. Undefined if nothing was lost. */
export function lossOf(
  before: BucketState | undefined,
  after: BucketState,
  { lastSequence, seen }: Evidence,
): Loss | undefined {
  const { record } = after;
  if (record === undefined) return undefined;
  const incomplete = after.isWhole ? undefined : record.epoch.base;
  const reached = record.timeline.at(lastSequence);
  const known = seen?.epochId === record.epoch.id ? seen.revision : 0;
  const rewound = before === undefined ? undefined : rewoundTo(before, after, lastSequence);
  const base = rewound ?? (reached < known ? reached : incomplete);
  if (base === undefined) return undefined;
  const revision = Math.max(before?.revision ?? 0, after.revision, known);
  return { base, revision, record, staged: after.staged, lastSequence };
}

/**
 * Begins an epoch of origin `rewound`, unless somebody did or the bucket moved on: then it has to be looked at again. That it
 * must not have moved guards against a server that answers before it has caught up with its own log.
 */
export async function declareRewound(
  { base, revision, record, staged, lastSequence }: Loss,
  { publisher, random }: { readonly publisher: Publisher; readonly random: () => number },
  bucket: Bucket,
): Promise<void> {
  const text = encodeEpoch({
    id: randomIdentifier(random),
    origin: "rewound",
    base,
    floor: record.floor,
    stage: record.stage === undefined ? undefined : { id: record.stage.id, count: staged },
    timeline: record.timeline,
    atLeast: revision + 1,
  });
  await publisher.publishFirst({ subject: bucket.epoch, text, ifStreamAt: lastSequence });
}

/**
 * Whether the bucket went back behind what was seen of it before: a server lost its last writes, or a backup was restored.
 *
 * Sequence numbers alone don't tell, for new writes soon reuse the lost ones; the server's time stamps do: at one place of
 * one stream there is one message with one time. Returns the revision up to which the bucket is still as it was; whatever
 * is above was written since. Undefined if nothing was lost.
 *
 * @param before what was seen, up to its last message
 * @param after the bucket as it is
 * @param lastSequence the stream's own count, which outlives removed messages
 */
export function rewoundTo(before: BucketState, after: BucketState, lastSequence: number): Revision | undefined {
  const [was, is] = [before.record, after.record];
  if (was === undefined || is === undefined) return undefined;
  // A record from after all that was seen: whoever wrote it knows about the loss, if there was one.
  if (is.time > before.last.time) return undefined;
  const isSame = is.sequence === was.sequence && is.time === was.time;
  if (isSame && lastSequence >= before.last.sequence && !lacksEntries(before, after)) return undefined;
  return is.timeline.at(lastSurvivor(before, after));
}

function lacksEntries(before: BucketState, after: BucketState): boolean {
  for (const [key, head] of after.heads) if (isUnheardOf(head, key, before)) return true;
  // What was deleted and forgotten leaves no trace.
  if (after.sweptAt > before.last.sequence) return false;
  for (const [key, head] of before.heads) if (!after.heads.has(key) && head.value !== undefined) return true;
  return false;
}

/** A message from the part of the stream that was seen, but which was not there. */
function isUnheardOf(head: Head, key: string, before: BucketState): boolean {
  if (head.sequence > before.last.sequence || before.isForgotten(head)) return false;
  const known = before.heads.get(key);
  return known?.sequence !== head.sequence || known.time !== head.time;
}

function lastSurvivor(before: BucketState, after: BucketState): number {
  let last = after.record?.sequence ?? 0;
  for (const { sequence, time } of after.heads.values()) {
    if (time <= before.last.time && sequence > last) last = sequence;
  }
  return last;
}
