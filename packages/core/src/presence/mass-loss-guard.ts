import type { Clock } from "../clock.ts";

export interface GuardRule {
  /** Share of a list, 0 to 1, of which more must vanish within one TTL for the guard to hold it. Higher trusts silence more. */
  readonly share: number;
  /** Milliseconds after which what is held goes all the same. */
  readonly holdMs: number;
}

export interface GuardOptions extends GuardRule {
  readonly clock: Clock;
}

/** A host or a service as the guard sees it. */
export interface ListMember {
  readonly name: string;
  /** The lists that it stands in. */
  readonly lists: readonly string[];
  /** Milliseconds that it may be silent; for as long its loss is remembered. */
  readonly ttlMs: number;
}

/** What is to be judged. `vanishing` are those whose time is up, `doubtful` those that are late, `present` everybody else and those held. */
export interface Loss {
  readonly vanishing: readonly ListMember[];
  readonly doubtful: readonly ListMember[];
  readonly held: readonly ListMember[];
  readonly present: readonly ListMember[];
}

/** However small a list is, fewer than this are not a mass loss. */
const LEAST = 3;

/**
 * Tells a mass loss, which is more often a fault of the network than the death of half a fleet, from members that go one by one.
 * A list is judged by all that it loses within a TTL: what vanished before, what is held, what is about to vanish, and what is
 * already late and will be next, so that not even the first ones go.
 */
export class MassLossGuard {
  readonly #options: GuardOptions;
  #recent: { readonly at: number; readonly member: ListMember }[] = [];

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /** The names of those among the vanishing that must stay. */
  hold(loss: Loss): ReadonlySet<string> {
    const listed = [...loss.vanishing, ...loss.doubtful, ...loss.held, ...loss.present];
    this.#forget(new Set(listed.map(({ name }) => name)));
    const recent = this.#recent.map(({ member }) => member);
    const losing = count([...loss.vanishing, ...loss.doubtful, ...loss.held, ...recent]);
    const total = count([...listed, ...recent]);
    const isMassLoss = (list: string): boolean => {
      const lost = losing.get(list) ?? 0;
      return lost >= LEAST && lost > this.#options.share * (total.get(list) ?? 0);
    };
    const held = new Set<string>();
    for (const member of loss.vanishing) {
      if (member.lists.some(isMassLoss)) held.add(member.name);
      else this.#recent.push({ at: this.#options.clock.monotonic(), member });
    }
    return held;
  }

  /** Forgets what vanished a TTL ago, and what is listed again. */
  #forget(listed: ReadonlySet<string>): void {
    const now = this.#options.clock.monotonic();
    this.#recent = this.#recent.filter(({ at, member }) => at > now - member.ttlMs && !listed.has(member.name));
  }
}

function count(members: readonly ListMember[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { lists } of members) for (const list of lists) counts.set(list, (counts.get(list) ?? 0) + 1);
  return counts;
}
