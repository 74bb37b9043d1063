import type { Clock } from "../clock.ts";
import { type GuardRule, type Loss, type ListMember, MassLossGuard } from "../presence/mass-loss-guard.ts";

/** What becomes of services whose leases are silent, beside their TTLs. */
export interface LeaseDepartureRules {
  /** When too many leases of one list run out at once to be believed; without it, every silence is. */
  readonly guard?: GuardRule;
  /** Milliseconds that a service is still exported after its lease expired. Default: 0. */
  readonly lingerMs?: number;
}

/** A service with the lists that it stands in: one for each server that scrapes it. */
export interface ListedService {
  /** Its key in the store. */
  readonly key: string;
  readonly lists: readonly string[];
}

/** How a lease stands to its time: `silent` for its TTL, `doubtful` when it is about to be. */
export interface LeaseStanding {
  readonly ttlMs: number;
  readonly standing: "silent" | "doubtful" | "held" | "present";
}

/** What becomes of a silent lease: held by the guard, lingering, or expired; and when the first two end, in monotonic milliseconds. */
export interface Departure {
  readonly status: "held" | "lingering" | "expired";
  readonly until: number;
}

const GONE: Departure = { status: "expired", until: Number.POSITIVE_INFINITY };

/** Decides what becomes of services that nobody renews, by the rules that hosts have in presence. */
export class LeaseDepartures {
  readonly #clock: Clock;
  readonly #rules: LeaseDepartureRules;
  readonly #guard: MassLossGuard | undefined;

  constructor(clock: Clock, rules: LeaseDepartureRules) {
    this.#clock = clock;
    this.#rules = rules;
    this.#guard = rules.guard === undefined ? undefined : new MassLossGuard({ clock, ...rules.guard });
  }

  /** Which of the silent ones must stay; none without a guard. `standingOf` gives `undefined` for what has no lease. */
  hold(services: Iterable<ListedService>, standingOf: (key: string) => LeaseStanding | undefined): ReadonlySet<string> {
    if (this.#guard === undefined) return new Set();
    const loss = { vanishing: [], doubtful: [], held: [], present: [] } satisfies Loss as Record<
      keyof Loss,
      ListMember[]
    >;
    for (const { key, lists } of services) {
      const { standing, ttlMs } = standingOf(key) ?? { standing: "present", ttlMs: 0 };
      loss[standing === "silent" ? "vanishing" : standing].push({ name: key, lists, ttlMs });
    }
    return this.#guard.hold(loss);
  }

  /** Of one that stays although it is silent. */
  held(): Departure {
    return { status: "held", until: this.#clock.monotonic() + (this.#rules.guard?.holdMs ?? 0) };
  }

  /** Of one whose silence is believed. */
  gone(): Departure {
    const { lingerMs = 0 } = this.#rules;
    return lingerMs > 0 ? { status: "lingering", until: this.#clock.monotonic() + lingerMs } : GONE;
  }

  /** What follows when the time of this one is over. */
  after({ status }: Departure): Departure {
    return status === "held" ? this.gone() : GONE;
  }
}
