import { parseBeat } from "../../src/presence/beat.ts";
import { parsePacket } from "../../src/presence/packet.ts";
import { type FleetRecord, parsePeerMessage } from "../../src/presence/peer-message.ts";

/** What a message says of the machine that sent it, as far as a witness minds. */
export type Saying =
  | { readonly kind: "beat" }
  | { readonly kind: "gone" }
  /** With identity (the sequence), or a packet, which has none. */
  | { readonly kind: "hi"; readonly hostname: string; readonly content: string; readonly sequence: number | undefined }
  | { readonly kind: "packet goodbye" }
  /** What a peer remembers of others; of interest is whom it knows by packets alone. */
  | { readonly kind: "fleet"; readonly anonymous: readonly string[] };

/** `undefined` for what daemons ask and answer each other. */
export function sayingOf(message: string): Saying | undefined {
  if (parseBeat(message) !== undefined) return { kind: "beat" };
  const packet = parsePacket(message);
  if (typeof packet === "object") {
    return packet.message === "hi" ? hi(packet, undefined) : { kind: "packet goodbye" };
  }
  const peer = parsePeerMessage(message);
  if (peer?.type === "goodbye") return { kind: "gone" };
  if (peer?.type === "fleet") return { kind: "fleet", anonymous: anonymousOf(peer.hosts) };
  return peer?.type === "hi" ? hi(peer, peer.identity.sequence) : undefined;
}

function hi(
  { hostname, labels }: { readonly hostname: string; readonly labels: readonly string[] },
  sequence: number | undefined,
): Saying {
  return { kind: "hi", hostname, content: JSON.stringify([hostname, labels]), sequence };
}

/** The names of hosts that are remembered without an identity. */
export function anonymousOf(records: readonly FleetRecord[]): string[] {
  return records.filter(({ identity }) => identity === undefined).map(({ hostname }) => hostname);
}
