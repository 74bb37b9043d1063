import { contentDigest, digestOf } from "./digest.ts";
import { encodePacket } from "./packet.ts";
import { encodeBeat } from "./beat.ts";
import type { Identity } from "./identity.ts";

/** What is announced of a host. */
export interface Announcement {
  readonly hostname: string;
  /** Sorted, without duplicates. */
  readonly labels: readonly string[];
}

/**
 * What somebody says about a host: one per daemon instance, and one for all packets that carry no identity.
 * A hostname usually has one claim; two that are both alive are two machines with one name.
 */
export interface Claim extends Announcement {
  /** Absent where an original daemon speaks. */
  readonly identity: Identity | undefined;
  /** This daemon's own: it does not expire. */
  readonly own: boolean;
  readonly digest: string;
  /** The packet that announces exactly this. */
  readonly message: string;
  /** The heartbeat that keeps exactly this alive. */
  readonly beat: string | undefined;
  /** Monotonic milliseconds at which it was last heard, per source; `-Infinity` where it never was. */
  readonly heard: number[];
  /** Whether the hostname has other claims. */
  rivals: boolean;
  /** How often it was heard while another claim to its hostname was shown, or was this daemon's own. */
  contradictions: number;
}

export interface ClaimOptions {
  readonly heard: number[];
  readonly identity?: Identity;
  readonly own?: boolean;
  /** The packet as it was received, where an original daemon wrote it another way than ours would. */
  readonly message?: string;
}

export function makeClaim({ hostname, labels }: Announcement, options: ClaimOptions): Claim {
  const { heard, identity, own = false } = options;
  const digest = contentDigest(hostname, labels);
  return {
    hostname,
    labels,
    identity,
    own,
    digest,
    message: options.message ?? encodePacket({ message: "hi", hostname, labels }),
    beat: identity === undefined ? undefined : beatOf({ hostname, labels }, identity),
    heard,
    rivals: false,
    contradictions: 0,
  };
}

/**
 * The heartbeat that keeps an announcement alive. Its digest covers the sequence too: labels that come back after a change
 * are a new announcement, so that whoever missed it asks, and does not take a late one of the change for the newest.
 */
export function beatOf({ hostname, labels }: Announcement, identity: Identity): string {
  return encodeBeat({ ...identity, digest: digestOf(JSON.stringify([hostname, labels, identity.sequence])) });
}

/** Monotonic milliseconds at which the claim was last heard anywhere. */
export function lastHeard(claim: Claim): number {
  return Math.max(...claim.heard);
}

/**
 * Which of a hostname's claims is shown: the daemon started last, then the greater instance, a claim without identity last.
 * The same on every daemon and independent of who speaks when, so that two machines with one name do not flap.
 */
export function shownClaim(claims: readonly Claim[]): Claim | undefined {
  let best: Claim | undefined;
  for (const claim of claims) {
    if (best === undefined || outranks(claim, best)) best = claim;
  }
  return best;
}

function outranks(left: Claim, right: Claim): boolean {
  if (left.identity === undefined) return false;
  if (right.identity === undefined) return true;
  if (left.identity.incarnation !== right.identity.incarnation) {
    return left.identity.incarnation > right.identity.incarnation;
  }
  return left.identity.instance > right.identity.instance;
}
