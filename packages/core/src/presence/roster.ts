import type { Clock } from "../clock.ts";
import { ClaimTable } from "./claim-table.ts";
import { type Claim, shownClaim } from "./claim.ts";
import { HostList } from "./host-list.ts";
import { Quarantine } from "./quarantine.ts";

/** All claims and what is shown of them: every change of one is a change of the other. */
export class Roster {
  readonly claims = new ClaimTable();
  readonly list: HostList;
  readonly quarantine: Quarantine;

  /** @param holdMs how late a message may be and still be recognised as overtaken, in milliseconds. */
  constructor(clock: Clock, holdMs: number) {
    this.list = new HostList(clock);
    this.quarantine = new Quarantine(clock, holdMs);
  }

  add(claim: Claim): void {
    this.quarantine.release(claim.message);
    if (claim.identity !== undefined) this.#adopt(claim);
    this.claims.add(claim);
    this.#refresh(claim.hostname);
  }

  /** `next` takes the place of `previous`, of the same speaker and perhaps under another hostname. */
  replace(previous: Claim | undefined, next: Claim): void {
    if (previous === undefined) {
      this.add(next);
      return;
    }
    mergeHeard(next.heard, previous.heard);
    this.claims.remove(previous);
    if (previous.identity !== undefined) this.quarantine.retire(previous.message);
    this.add(next);
    if (previous.hostname !== next.hostname) this.#refresh(previous.hostname);
  }

  /** Whoever made the claim says that it is over. */
  leave(claim: Claim): void {
    this.claims.remove(claim);
    if (claim.identity !== undefined) this.quarantine.retire(claim.message);
    this.#refresh(claim.hostname);
  }

  /** Lets the hosts go that nobody claims any more and that are listed all the same, as far as `isMeant` says so of their last claim. */
  dismiss(isMeant: (claim: Claim) => boolean): void {
    for (const claim of this.list.stayingClaims) if (isMeant(claim)) this.list.hide(claim.hostname, "left");
  }

  /** Drops the claims that are silent. Returns the hostnames that nobody claims any more; they stay listed. */
  dropSilent(isSilent: (claim: Claim) => boolean): string[] {
    const orphaned: string[] = [];
    for (const claim of this.claims.all()) {
      if (!isSilent(claim)) continue;
      this.claims.remove(claim);
      if (this.claims.ofHost(claim.hostname).length === 0) orphaned.push(claim.hostname);
      else this.#refresh(claim.hostname);
    }
    return orphaned;
  }

  /** The packet of one of our daemons may have come before its identity: what looked like an original daemon was it. */
  #adopt(claim: Claim): void {
    const same = this.claims
      .ofHost(claim.hostname)
      .find((other) => other.identity === undefined && other.digest === claim.digest);
    if (same !== undefined) this.claims.remove(same);
  }

  #refresh(hostname: string): void {
    const claim = shownClaim(this.claims.ofHost(hostname));
    if (claim === undefined) this.list.hide(hostname, "left");
    else this.list.show(claim);
  }
}

/** Takes over what was heard before, the later time of each source. */
export function mergeHeard(into: number[], from: readonly number[]): void {
  for (const [index, at] of from.entries()) into[index] = Math.max(into[index] ?? at, at);
}
