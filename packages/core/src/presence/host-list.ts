import type { Cancel, Clock } from "../clock.ts";
import { type Claim, lastHeard } from "./claim.ts";
import { digestOf } from "./digest.ts";
import type { Host, HostChange, HostStatus } from "./host.ts";

/** A claim as it is shown: the time it was last heard moves without a new object. */
class ListedHost implements Host {
  claim: Claim;
  readonly status: HostStatus;
  /** Monotonic milliseconds at which a host that is held or lingers goes. */
  readonly until: number;
  readonly #clock: Clock;

  constructor(claim: Claim, clock: Clock, stay: Stay = { status: "alive", until: Number.POSITIVE_INFINITY }) {
    this.claim = claim;
    this.#clock = clock;
    this.status = stay.status;
    this.until = stay.until;
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

/** That a host stays although nothing is heard of it, and for how long. */
interface Stay {
  readonly status: HostStatus;
  readonly until: number;
}

/** The hosts as everybody sees them: one per name, sorted, with a notice of every change. */
export class HostList {
  readonly #clock: Clock;
  readonly #hosts = new Map<string, ListedHost>();
  /** Those of them that nobody claims any more: held or lingering. */
  readonly #staying = new Map<string, ListedHost>();
  readonly #listeners = new Set<(change: HostChange) => void>();
  #sorted: readonly ListedHost[] | undefined;
  #present: readonly Host[] | undefined;
  #digest: string | undefined;
  #held: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Those alive or held, sorted by name. The same array until one of them changes. */
  get hosts(): readonly Host[] {
    this.#present ??= this.#all().filter((host) => host.status !== "lingering");
    return this.#present;
  }

  /** Those and the lingering ones, sorted by name. The same array until one of them changes. */
  get exported(): readonly Host[] {
    return this.#all();
  }

  /** Fingerprint of `hosts` and their labels. */
  get digest(): string {
    this.#digest ??= digestOf(JSON.stringify(this.hosts.map((host) => [host.hostname, host.labels])));
    return this.#digest;
  }

  /** How many are listed, lingering ones included. */
  get size(): number {
    return this.#hosts.size;
  }

  /** The last claims to those that are held. */
  get heldClaims(): Claim[] {
    return this.stayingClaims.filter(({ hostname }) => this.#staying.get(hostname)?.status === "held");
  }

  /** The last claims to those that are held or linger. */
  get stayingClaims(): Claim[] {
    return [...this.#staying.values()].map(({ claim }) => claim);
  }

  /** How many are held. */
  get heldCount(): number {
    this.#held ??= this.withStatus("held").length;
    return this.#held;
  }

  onChange(listener: (change: HostChange) => void): Cancel {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  get(hostname: string): Host | undefined {
    return this.#hosts.get(hostname);
  }

  /** Shows this claim under its hostname from now on, alive. */
  show(claim: Claim): void {
    const { hostname } = claim;
    const listed = this.#hosts.get(hostname);
    const isSame = listed?.claim.digest === claim.digest;
    if (isSame && listed.status === "alive") {
      listed.claim = claim;
      return;
    }
    this.#hosts.set(hostname, new ListedHost(claim, this.#clock));
    this.#staying.delete(hostname);
    this.#forget();
    if (listed === undefined || listed.status === "lingering") this.#tell({ hostname, reason: "joined" });
    else if (!isSame) this.#tell({ hostname, reason: "changed" });
  }

  hide(hostname: string, reason: "left" | "expired"): void {
    const listed = this.#hosts.get(hostname);
    if (listed === undefined) return;
    this.#hosts.delete(hostname);
    this.#staying.delete(hostname);
    this.#forget();
    if (listed.status !== "lingering") this.#tell({ hostname, reason });
  }

  /** Keeps a host listed although nobody claims it, until that monotonic time. */
  keep(hostname: string, stay: Stay): void {
    const listed = this.#hosts.get(hostname);
    if (listed === undefined || listed.status === "lingering") return;
    const staying = new ListedHost(listed.claim, this.#clock, stay);
    this.#hosts.set(hostname, staying);
    this.#staying.set(hostname, staying);
    this.#forget();
    if (stay.status === "lingering") this.#tell({ hostname, reason: "expired" });
  }

  /** The names of those with that status, and of them only those whose time is over where `overAt` is given. */
  withStatus(status: "held" | "lingering", overAt = Number.POSITIVE_INFINITY): string[] {
    const found = [...this.#staying.values()].filter((host) => host.status === status);
    return found.filter(({ until }) => until <= overAt).map(({ hostname }) => hostname);
  }

  #all(): readonly ListedHost[] {
    this.#sorted ??= [...this.#hosts.values()].toSorted((left, right) => (left.hostname < right.hostname ? -1 : 1));
    return this.#sorted;
  }

  #forget(): void {
    this.#sorted = undefined;
    this.#present = undefined;
    this.#digest = undefined;
    this.#held = undefined;
  }

  #tell(change: HostChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
