import type { Bus } from "../driver/bus.ts";
import type { Link } from "../driver/link.ts";

/** One bus that presence travels on. A daemon with several drivers has several. */
export interface PresenceSource {
  /** The driver's name, for logs and metrics. */
  readonly name: string;
  readonly bus: Bus;
  readonly link: Link;
  /** The channel that carries lobby's packets; what is our own goes over `<channel>.ext`. */
  readonly channel: string;
}

/** Where our daemons talk among themselves. The original daemon never sees it. */
export function peerChannel(channel: string): string {
  return `${channel}.ext`;
}

/** Where one daemon is asked for its full announcement, so that daemons which only announce hear nothing else. */
export function inboxChannel(channel: string, instance: string): string {
  return `${channel}.ext.${instance}`;
}
