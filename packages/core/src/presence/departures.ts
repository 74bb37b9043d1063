import type { Clock } from "../clock.ts";
import type { Host } from "./host.ts";
import type { HostList } from "./host-list.ts";
import { type GuardRule, type ListMember, MassLossGuard } from "./mass-loss-guard.ts";

/** What becomes of silent hosts, beside their TTL. */
export interface DepartureRules {
  /** When too much is lost at once to be believed; without it, every silence is. */
  readonly guard?: GuardRule;
  /** Milliseconds that an expired host is still exported. Default 0. */
  readonly lingerMs?: number;
  /** The lists that a host is exported in. Each is guarded by itself, beside the fleet as a whole. */
  readonly listsOf?: (labels: readonly string[]) => readonly string[];
}

export interface DepartureOptions extends DepartureRules {
  readonly clock: Clock;
  readonly ttlMs: number;
}

/** The list that every host stands in. */
const FLEET = "";

/** What becomes of a host that fell silent: held back by the guard, exported a while longer, or gone. */
export class Departures {
  readonly #options: DepartureOptions;
  readonly #list: HostList;
  readonly #guard: MassLossGuard | undefined;

  constructor(list: HostList, options: DepartureOptions) {
    this.#list = list;
    this.#options = options;
    const { clock, guard } = options;
    this.#guard = guard === undefined ? undefined : new MassLossGuard({ clock, ...guard });
  }

  /** How many hosts the guard holds. */
  get held(): number {
    return this.#list.heldCount;
  }

  /** These hosts are silent for a TTL. `isDoubtful` tells which others are late. */
  expire(hostnames: readonly string[], isDoubtful: (hostname: string) => boolean): void {
    if (hostnames.length === 0) return;
    const held = this.#hold(new Set(hostnames), isDoubtful);
    const until = this.#options.clock.monotonic() + (this.#options.guard?.holdMs ?? 0);
    for (const hostname of hostnames) {
      if (held.has(hostname)) this.#list.keep(hostname, { status: "held", until });
      else this.#go(hostname);
    }
  }

  /** Lets those go that were held or lingered for long enough. */
  sweep(): void {
    const now = this.#options.clock.monotonic();
    for (const hostname of this.#list.withStatus("held", now)) this.#go(hostname);
    for (const hostname of this.#list.withStatus("lingering", now)) this.#list.hide(hostname, "expired");
  }

  /** An operator believes the loss: lets all go that are held. Returns how many. */
  accept(): number {
    const held = this.#list.withStatus("held");
    for (const hostname of held) this.#go(hostname);
    return held.length;
  }

  #go(hostname: string): void {
    const { clock, lingerMs = 0 } = this.#options;
    if (lingerMs > 0) this.#list.keep(hostname, { status: "lingering", until: clock.monotonic() + lingerMs });
    else this.#list.hide(hostname, "expired");
  }

  #hold(vanishing: ReadonlySet<string>, isDoubtful: (hostname: string) => boolean): ReadonlySet<string> {
    if (this.#guard === undefined) return new Set();
    const groups = Map.groupBy(this.#list.hosts, ({ hostname, status }) => {
      if (vanishing.has(hostname)) return "vanishing";
      if (status === "held") return "held";
      return isDoubtful(hostname) ? "doubtful" : "present";
    });
    const members = (group: "vanishing" | "held" | "doubtful" | "present"): ListMember[] =>
      (groups.get(group) ?? []).map((host) => this.#member(host));
    return this.#guard.hold({
      vanishing: members("vanishing"),
      held: members("held"),
      doubtful: members("doubtful"),
      present: members("present"),
    });
  }

  #member({ hostname, labels }: Host): ListMember {
    const { listsOf, ttlMs } = this.#options;
    return { name: hostname, lists: [FLEET, ...(listsOf?.(labels) ?? [])], ttlMs };
  }
}
