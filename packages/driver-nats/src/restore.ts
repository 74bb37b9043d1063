import {
  DiscoveryError,
  isDiscoveryError,
  randomIdentifier,
  type Epoch,
  type Revision,
  type StoreSnapshot,
} from "@org/discovery-core";
import { REVISION_HEADER } from "./bucket-message.ts";
import type { BucketState } from "./bucket-state.ts";
import { encodeEpoch, type Stage } from "./epoch-record.ts";
import type { Copy } from "./mirror.ts";
import { RevisionTimeline } from "./revision-timeline.ts";
import type { StoreParts } from "./store-parts.ts";

/** Entries on their way at a time. */
const WIDTH = 128;

/**
 * Writes a replica back in one step, though JetStream takes one message at a time: the entries are put aside, where they count for
 * nothing, and then the epoch's record is replaced, on condition that it is still the lost one. The order of the stream makes that
 * one moment for everybody, and only one daemon gets it; who dies before it leaves nothing but messages that nobody reads.
 */
export async function restoreEntries(parts: StoreParts, replica: StoreSnapshot, lost: Epoch): Promise<Revision> {
  const { bucket, connection, context, lane, mirror, timeoutMs } = parts;
  connection.required();
  const copy = await mirror.live(timeoutMs);
  if (notLost(copy.state, lost) !== undefined) await mirror.refresh(copy);
  const refusal = notLost(copy.state, lost);
  if (refusal !== undefined) throw refusal;
  const stage = { id: randomIdentifier(context.random), count: replica.entries.size };
  const epoch = randomIdentifier(context.random);
  // Of restores that came to nothing, and of an earlier one that this one replaces.
  const obsolete = copy.state.stages;
  try {
    await putAside(parts, replica, stage.id);
    const revision = await lane.run({
      key: undefined,
      forbidden: (state) => notLost(state, lost),
      write: (state) => ({ subject: bucket.epoch, text: declaration(state, replica, { epoch, stage }) }),
    });
    for (const id of obsolete) void forget(parts, copy, id);
    return revision;
  } catch (error) {
    // Unless it may have been declared.
    if (!isDiscoveryError(error, "outcome_unknown")) void forget(parts, copy, stage.id);
    throw error;
  }
}

function notLost({ record }: BucketState, lost: Epoch): DiscoveryError | undefined {
  const { id, origin } = record?.epoch ?? {};
  if (id === lost.id && (origin === "fresh" || origin === "rewound")) return undefined;
  return new DiscoveryError(
    "revision_conflict",
    `restore: expected the bucket in epoch ${lost.id} with its data lost, it is in ${id ?? "none"} (${origin ?? "unread"})`,
  );
}

async function putAside({ bucket, publisher }: StoreParts, replica: StoreSnapshot, stage: string): Promise<void> {
  const entries = replica.entries.entries();
  const worker = async (): Promise<void> => {
    for (const [key, { value, revision }] of entries) {
      const headers = { [REVISION_HEADER]: String(revision) };
      await publisher.publish({ subject: bucket.staged(stage, key), text: value, headers });
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, worker));
}

function declaration(
  state: BucketState,
  replica: StoreSnapshot,
  { epoch, stage }: { readonly epoch: string; readonly stage: Stage },
): string {
  let highest = Math.max(replica.revision, state.revision);
  for (const { revision } of replica.entries.values()) highest = Math.max(highest, revision);
  return encodeEpoch({
    id: epoch,
    origin: "restored",
    ...(state.record === undefined ? {} : { floor: state.record.epoch.base }),
    stage,
    timeline: state.record?.timeline ?? RevisionTimeline.first,
    atLeast: highest + 1,
  });
}

/** Removes a stage that is not the declared one. It would do no harm, only take room. */
async function forget({ bucket, context }: StoreParts, { api }: Copy, stage: string): Promise<void> {
  try {
    await api.purge(bucket.stage(stage));
  } catch (error) {
    context.log.debug({ stage, error: String(error) }, "entries of a restore were not removed");
  }
}
