import type { PacketResult } from "./fleet.ts";
import type { Unproven } from "./signature.ts";

/** What became of a message, for the metric `discovery_packets_received_total`. `peer` is any message of our own protocol. */
export type ReceivedResult = PacketResult | "peer" | "bad_peer_message";

/** What was sent, for the metric `discovery_packets_sent_total`. */
export type SentKind = "hi" | "goodbye" | "beat" | "peer";

/** Hears of everything that metrics count and logs mention. It must not throw. */
export interface PresenceObserver {
  /** @param source the name of the driver it came over. */
  received(source: string, result: ReceivedResult): void;
  /** `error` is set where the message could not be handed to the backend. */
  sent(source: string, kind: SentKind, error?: Error): void;
  /** A message does not prove that it comes from a holder of the signing key; `dropped` where that is enforced. */
  unproven(source: string, reason: Unproven, dropped: boolean): void;
  /** Two machines that are both alive announce this hostname; `own`: and it is this daemon's. Called again and again. */
  duplicate(hostname: string, own: boolean): void;
  /** The mass-loss guard now holds so many hosts. */
  held(hosts: number): void;
  /** The local labels could not be read; the last ones are announced instead. */
  announcementFailed(error: Error): void;
}
