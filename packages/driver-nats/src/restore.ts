import {
  DiscoveryError,
  isDiscoveryError,
  randomIdentifier,
  type Epoch,
  type Revision,
  type StoreSnapshot,
} from "@org/discovery-core";
import { REVISION_HEADER } from "./bucket-message.ts";
import { encodeEpoch, type EpochRecord } from "./epoch-record.ts";
import type { Copy } from "./mirror.ts";
import type { StoreParts } from "./store-parts.ts";

export type RestoreParts = StoreParts & { readonly copy: Copy };

/** Entries on their way at a time. */
const WIDTH = 128;

/**
 * Writes a replica back in one step, though JetStream takes one message at a time: the entries are put aside, where they count for
 * nothing, and then the epoch's record is replaced, on condition that it is still the lost one. The order of the stream makes that
 * one moment for everybody, and only one daemon gets it; who dies before it leaves nothing but messages that nobody reads.
 */
export async function restoreEntries(parts: RestoreParts, replica: StoreSnapshot, lost: Epoch): Promise<Revision> {
  const { bucket, context, copy, mirror, publisher, timeoutMs } = parts;
  const record = recordOf(copy, lost);
  const stage = { id: randomIdentifier(context.random), count: replica.entries.size };
  // Of restores that came to nothing, and of an earlier one that this one replaces.
  const obsolete = copy.state.stages;
  try {
    await putAside(parts, replica, stage.id);
    const text = encodeEpoch({
      id: randomIdentifier(context.random),
      origin: "restored",
      floor: record.epoch.base,
      stage,
      timeline: record.timeline,
      atLeast: highest(replica, copy) + 1,
    });
    const before = { created: copy.created, sequence: copy.state.last.sequence };
    const sequence = await publisher.publish({ subject: bucket.epoch, text, ifSubjectAt: record.sequence });
    for (const id of obsolete) void forget(parts, id, sequence);
    return await mirror.revisionOf(sequence, before, timeoutMs);
  } catch (error) {
    // Unless it may have been declared.
    if (!isDiscoveryError(error, "outcome_unknown")) void forget(parts, stage.id);
    throw error;
  }
}

function recordOf({ state: { record } }: Copy, lost: Epoch): EpochRecord {
  const { id, origin } = record?.epoch ?? {};
  const isLost = origin === "fresh" || origin === "rewound";
  if (record !== undefined && id === lost.id && isLost) return record;
  throw new DiscoveryError(
    "revision_conflict",
    `restore: expected the bucket in epoch ${lost.id} with its data lost, it is in ${id ?? "none"} (${origin ?? "unread"})`,
  );
}

async function putAside({ bucket, publisher }: RestoreParts, replica: StoreSnapshot, stage: string): Promise<void> {
  const entries = replica.entries.entries();
  const worker = async (): Promise<void> => {
    for (const [key, { value, revision }] of entries) {
      const headers = { [REVISION_HEADER]: String(revision) };
      await publisher.publish({ subject: bucket.staged(stage, key), text: value, headers });
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, worker));
}

function highest(replica: StoreSnapshot, { state }: Copy): Revision {
  let highest = Math.max(replica.revision, state.revision);
  for (const { revision } of replica.entries.values()) highest = Math.max(highest, revision);
  return highest;
}

/** Removes a stage. It would do no harm, only take room. */
async function forget({ bucket, copy, context }: RestoreParts, stage: string, before?: number): Promise<void> {
  try {
    await copy.api.purge(bucket.stage(stage), before);
  } catch (error) {
    context.log.debug({ stage, error: String(error) }, "entries of a restore were not removed");
  }
}
