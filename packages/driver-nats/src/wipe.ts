import { randomIdentifier, type Revision } from "@org/discovery-core";
import { encodeEpoch } from "./epoch-record.ts";
import { RevisionTimeline } from "./revision-timeline.ts";
import type { StoreParts } from "./store-parts.ts";

/** Removes everything by one message, which begins the epoch and takes the place of all before it in the stream. */
export function wipeEntries({ bucket, context, lane }: StoreParts): Promise<Revision> {
  const id = randomIdentifier(context.random);
  return lane.run({
    key: undefined,
    forbidden: () => undefined,
    write: ({ record, last }) => {
      const timeline = (record?.timeline ?? RevisionTimeline.first).since(last.sequence);
      const text = encodeEpoch({ id, origin: "wiped", timeline, atLeast: 0 });
      return { subject: bucket.epoch, text, headers: { "Nats-Rollup": "all" } };
    },
  });
}
