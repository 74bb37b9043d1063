import type { Epoch, Revision } from "../driver/store.ts";
import type { Change } from "./change.ts";
import { checkLive, type RegistryContext } from "./registry-context.ts";

/** What a wipe did. */
export interface Wiped {
  /** Entries that are gone, those of the history included. */
  readonly removed: number;
  /** The epoch that is over. */
  readonly before: Epoch | undefined;
  /** The epoch that began with the wipe. */
  readonly epoch: Epoch | undefined;
  readonly revision: Revision;
}

/**
 * Empties the store, and begins its new history with who did it and why.
 *
 * Throws `unavailable` where the registry has not been read from the backend: nobody could say what is lost.
 */
export async function wipeRegistry(context: RegistryContext, change: Change): Promise<Wiped> {
  checkLive(context);
  const { replica, audit } = context;
  const removed = replica.entries.size;
  const before = replica.epoch;
  const revision = await replica.wipe();
  const { epoch } = replica;
  const { actor, reason, origin } = change;
  audit?.record({
    action: "wiped",
    kind: "registry",
    name: "registry",
    detail: `${removed} entries removed; epoch ${before?.id ?? "none"} is over, ${epoch?.id ?? "none"} began`,
    actor,
    ...(reason === undefined ? {} : { reason }),
    ...(origin === undefined ? {} : { origin }),
  });
  return { removed, before, epoch, revision };
}
