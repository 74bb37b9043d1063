import type { Cancel, Clock } from "../clock.ts";
import { type Claim, lastHeard } from "./claim.ts";
import { digestOf } from "./digest.ts";
import type { Host, HostChange } from "./host.ts";

/** A claim as it is shown: the time it was last heard moves without a new object. */
class ListedHost implements Host {
  claim: Claim;
  readonly #clock: Clock;

  constructor(claim: Claim, clock: Clock) {
    this.claim = claim;
    this.#clock = clock;
  }

  get hostname(): string {
    return this.claim.hostname;
  }

  get labels(): readonly string[] {
    return this.claim.labels;
  }

  get lastSeen(): number {
    const ageMs = this.claim.own ? 0 : this.#clock.monotonic() - lastHeard(this.claim);
    return Math.floor((this.#clock.now() - ageMs) / 1000);
  }
}

/** The hosts as everybody sees them: one per name, sorted, with a notice of every change. */
export class HostList {
  readonly #clock: Clock;
  readonly #hosts = new Map<string, ListedHost>();
  readonly #listeners = new Set<(change: HostChange) => void>();
  #sorted: readonly Host[] | undefined;
  #digest: string | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get hosts(): readonly Host[] {
    this.#sorted ??= [...this.#hosts.values()].toSorted((left, right) => (left.hostname < right.hostname ? -1 : 1));
    return this.#sorted;
  }

  get size(): number {
    return this.#hosts.size;
  }

  get digest(): string {
    this.#digest ??= digestOf(JSON.stringify(this.hosts.map((host) => [host.hostname, host.labels])));
    return this.#digest;
  }

  onChange(listener: (change: HostChange) => void): Cancel {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Shows this claim under its hostname from now on. */
  show(claim: Claim): void {
    const listed = this.#hosts.get(claim.hostname);
    if (listed?.claim.digest === claim.digest) {
      listed.claim = claim;
      return;
    }
    this.#hosts.set(claim.hostname, new ListedHost(claim, this.#clock));
    this.#changed({ hostname: claim.hostname, reason: listed === undefined ? "joined" : "changed" });
  }

  hide(hostname: string, reason: "left" | "expired"): void {
    if (this.#hosts.delete(hostname)) this.#changed({ hostname, reason });
  }

  #changed(change: HostChange): void {
    this.#sorted = undefined;
    this.#digest = undefined;
    for (const listener of this.#listeners) listener(change);
  }
}
