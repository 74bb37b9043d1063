import type { Claim } from "./claim.ts";

/** All claims, found by whatever a message may name them with. */
export class ClaimTable {
  readonly #byHost = new Map<string, Claim[]>();
  readonly #byInstance = new Map<string, Claim>();
  /** By packet and by heartbeat, byte for byte: what a keep-alive is looked up with. */
  readonly #byMessage = new Map<string, Claim>();
  #own: Claim | undefined;
  #originals = 0;

  /** This daemon's own claim. */
  get own(): Claim | undefined {
    return this.#own;
  }

  /** How many hostnames are claimed. */
  get size(): number {
    return this.#byHost.size;
  }

  /** Whether somebody claims a host without an identity. */
  get hasOriginals(): boolean {
    return this.#originals > 0;
  }

  all(): Claim[] {
    return [...this.#byHost.values()].flat();
  }

  ofHost(hostname: string): readonly Claim[] {
    return this.#byHost.get(hostname) ?? [];
  }

  byInstance(instance: string): Claim | undefined {
    return this.#byInstance.get(instance);
  }

  byMessage(message: string): Claim | undefined {
    return this.#byMessage.get(message);
  }

  add(claim: Claim): void {
    this.#setHost(claim.hostname, [...this.ofHost(claim.hostname), claim]);
    this.#byMessage.set(claim.message, claim);
    if (claim.beat !== undefined) this.#byMessage.set(claim.beat, claim);
    if (claim.identity === undefined) this.#originals += 1;
    else this.#byInstance.set(claim.identity.instance, claim);
    if (claim.own) this.#own = claim;
  }

  remove(claim: Claim): void {
    this.#setHost(
      claim.hostname,
      this.ofHost(claim.hostname).filter((other) => other !== claim),
    );
    for (const message of [claim.message, claim.beat]) {
      if (message !== undefined && this.#byMessage.get(message) === claim) this.#byMessage.delete(message);
    }
    if (claim.identity === undefined) this.#originals -= 1;
    else this.#byInstance.delete(claim.identity.instance);
    if (claim.own) this.#own = undefined;
  }

  #setHost(hostname: string, claims: Claim[]): void {
    if (claims.length === 0) this.#byHost.delete(hostname);
    else this.#byHost.set(hostname, claims);
    for (const claim of claims) claim.rivals = claims.length > 1;
  }
}
