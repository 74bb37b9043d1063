import { isDiscoveryError, randomIdentifier, type Revision } from "@org/discovery-core";
import { encodeEpoch } from "./epoch-record.ts";
import type { Copy } from "./mirror.ts";
import { RevisionTimeline } from "./revision-timeline.ts";
import type { StoreParts } from "./store-parts.ts";

/** Removes everything by one message, which begins the epoch and takes the place of all before it in the stream. */
export async function wipeEntries(
  { bucket, context, mirror, publisher, timeoutMs }: StoreParts,
  live: () => Promise<Copy>,
): Promise<Revision> {
  const deadline = context.clock.monotonic() + timeoutMs;
  for (;;) {
    const copy = await live();
    const { record, last } = copy.state;
    const text = encodeEpoch({
      id: randomIdentifier(context.random),
      origin: "wiped",
      timeline: (record?.timeline ?? RevisionTimeline.first).since(last.sequence),
      atLeast: 0,
    });
    const before = { created: copy.created, sequence: last.sequence };
    try {
      const sequence = await publisher.publish({
        subject: bucket.epoch,
        text,
        headers: { "Nats-Rollup": "all" },
        ifSubjectAt: record?.sequence ?? 0,
      });
      return await mirror.revisionOf(sequence, before, timeoutMs);
    } catch (error) {
      // Another epoch began: then that one is wiped.
      if (!isDiscoveryError(error, "revision_conflict") || context.clock.monotonic() > deadline) throw error;
      await mirror.refresh(copy);
    }
  }
}
