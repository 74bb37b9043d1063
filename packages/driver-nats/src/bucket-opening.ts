import { randomIdentifier, type Revision } from "@org/discovery-core";
import type { StreamInfo } from "nats";
import { nanoseconds, textOf } from "./delivery.ts";
import { decodeEpoch, encodeEpoch, type EpochRecord } from "./epoch-record.ts";
import type { BucketLimits, JetStream } from "./jetstream.ts";
import type { Publisher } from "./publisher.ts";
import { RevisionTimeline } from "./revision-timeline.ts";

/** A bucket that has an epoch. */
export interface OpenBucket {
  readonly record: EpochRecord;
  /** When the stream was made: another stream under the name has another. */
  readonly created: string;
  /** The stream's own count, which outlives removed messages. */
  readonly lastSequence: number;
  /** The last message that is there: who has taken it has everything. */
  readonly tail: number;
}

/** What the daemon knows of the bucket's past. */
export interface Memory {
  readonly created: string;
  readonly timeline: RevisionTimeline;
  readonly revision: Revision;
}

export interface OpeningTools {
  readonly publisher: Publisher;
  readonly limits: BucketLimits;
  readonly random: () => number;
}

/** Opens the bucket: makes it where it is missing, and begins a fresh epoch where it has none. Fails as JetStream does. */
export async function openBucket(api: JetStream, tools: OpeningTools, memory: Memory | undefined): Promise<OpenBucket> {
  for (;;) {
    const info = (await api.info()) ?? (await api.create(tools.limits));
    // Somebody else made it between the two.
    if (info === undefined) continue;
    const message = await api.last(api.bucket.epoch);
    const at = { sequence: message?.seq ?? 0, time: message === undefined ? 0n : nanoseconds(message.timestamp) };
    const record = message === undefined ? undefined : decodeEpoch(textOf(message.data), at);
    if (record !== undefined) {
      const tail = (await api.tail()) ?? at.sequence;
      return { record, created: info.created, lastSequence: info.state.last_seq, tail };
    }
    await beginFresh(api, tools, { info, memory });
  }
}

interface Fresh {
  readonly info: StreamInfo;
  readonly memory: Memory | undefined;
}

async function beginFresh(api: JetStream, tools: OpeningTools, { info, memory }: Fresh): Promise<void> {
  const timeline = memory?.created === info.created ? memory.timeline : RevisionTimeline.first;
  const { messages, first_seq: first } = info.state;
  const text = encodeEpoch({
    id: randomIdentifier(tools.random),
    origin: "fresh",
    // What is in it already was written by daemons that had not noticed the loss.
    ...(messages > 0 ? { base: timeline.at(Math.max(0, first - 1)) } : {}),
    floor: 0,
    timeline,
    atLeast: memory === undefined ? 0 : memory.revision + 1,
  });
  const { last_seq: last } = info.state;
  // To the server, an expected sequence of 0 for the whole stream means that none is expected.
  const condition = last === 0 ? { ifSubjectAt: 0 as const } : { ifStreamAt: last };
  await tools.publisher.publishFirst({ subject: api.bucket.epoch, text, ...condition });
}
