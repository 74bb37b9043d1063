import { broadcast } from "./broadcast.ts";
import type { PresenceObserver } from "./observer.ts";
import { encodePeerMessage, MAX_RENEWALS } from "./peer-message.ts";
import { peerChannel, type PresenceSource } from "./source.ts";

/** The leases of services, as far as presence carries their renewals from daemon to daemon; `Leases` is one. */
export interface RenewableLeases {
  /** The keys renewed here since the last call. */
  takeRenewals(): string[];
  /** Other daemons took these renewals. */
  heard(keys: Iterable<string>): void;
}

/** Tells the other daemons which leases were renewed here since the last time: one message, or as many as it takes. */
export async function tellRenewals(
  leases: RenewableLeases,
  to: { readonly sources: readonly PresenceSource[]; readonly observer: PresenceObserver },
): Promise<void> {
  const keys = leases.takeRenewals();
  for (let start = 0; start < keys.length; start += MAX_RENEWALS) {
    const text = encodePeerMessage({ type: "renew", keys: keys.slice(start, start + MAX_RENEWALS) });
    await broadcast(to, "peer", { channel: (source) => peerChannel(source.channel), text });
  }
}
