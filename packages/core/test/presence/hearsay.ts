import { parseBeat } from "../../src/presence/beat.ts";
import type { Announcement } from "../../src/presence/claim.ts";
import type { Identity } from "../../src/presence/identity.ts";
import { parsePacket } from "../../src/presence/packet.ts";
import { type FleetRecord, parsePeerMessage } from "../../src/presence/peer-message.ts";

/** What a message says of the machine that sent it, as far as a witness minds. */
export type Saying =
  | { readonly kind: "beat" }
  | { readonly kind: "gone" }
  /** With identity, or a packet, which has none. */
  | (Announced & { readonly kind: "hi"; readonly identity: Identity | undefined })
  | { readonly kind: "packet goodbye" }
  /** What a peer remembers: whom it knows by packets alone, and what the others announced. */
  | { readonly kind: "fleet"; readonly anonymous: readonly string[]; readonly identified: readonly Identified[] };

export interface Announced {
  readonly hostname: string;
  /** Hostname and labels. */
  readonly content: string;
}

export type Identified = Announced & { readonly identity: Identity };

/** `undefined` for what daemons ask and answer each other. */
export function sayingOf(message: string): Saying | undefined {
  if (parseBeat(message) !== undefined) return { kind: "beat" };
  const packet = parsePacket(message);
  if (typeof packet === "object") {
    if (packet.message === "goodbye") return { kind: "packet goodbye" };
    return { kind: "hi", ...announced(packet), identity: undefined };
  }
  const peer = parsePeerMessage(message);
  if (peer?.type === "goodbye") return { kind: "gone" };
  if (peer?.type === "fleet") {
    return { kind: "fleet", anonymous: anonymousOf(peer.hosts), identified: peer.hosts.flatMap(identified) };
  }
  return peer?.type === "hi" ? { kind: "hi", ...announced(peer), identity: peer.identity } : undefined;
}

function announced({ hostname, labels }: Announcement): Announced {
  return { hostname, content: JSON.stringify([hostname, labels]) };
}

function identified(record: FleetRecord): Identified[] {
  const { identity } = record;
  return identity === undefined ? [] : [{ ...announced(record), identity }];
}

/** The names of hosts that are remembered without an identity. */
export function anonymousOf(records: readonly FleetRecord[]): string[] {
  return records.filter(({ identity }) => identity === undefined).map(({ hostname }) => hostname);
}
