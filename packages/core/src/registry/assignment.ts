import { compareBytes } from "../byte-order.ts";
import { recordLookup } from "../selector/label-lookup.ts";
import { parseSelector, selectorMatches } from "../selector/selector.ts";
import { crc64 } from "./crc64.ts";
import { invalidArgument } from "./invalid-argument.ts";
import { jumpHash } from "./jump-hash.ts";
import { rendezvousScore, rendezvousSeed } from "./rendezvous.ts";
import type { Server } from "./server.ts";
import type { Service } from "./service.ts";
import { toBigInt, type U64 } from "./u64.ts";

/**
 * How a service finds its servers among those that match its selector.
 *
 * - `rendezvous`: weighted highest random weight. A server that joins or leaves moves its own share only.
 * - `jump`: as the original. The servers sorted by name, from the jump bucket of the endpoint on, wrapping around; one that
 *   joins or leaves in the middle moves most services.
 */
export type AssignmentStrategy = "rendezvous" | "jump";

/** The same on every daemon of an installation, or they disagree about who scrapes what. */
export interface AssignmentRule {
  /** Default: `rendezvous`. */
  readonly strategy?: AssignmentStrategy;
  /** How many servers each service gets, if there are so many; at least 1. Default: 1. */
  readonly replicas?: number;
}

/** What of a service decides about its servers. */
export type Assignable = Pick<Service, "endpoint" | "selector">;

/** Selectors whose servers are remembered. More are seldom stored, but anybody may ask for any. */
const MAX_SELECTORS = 20_000;

interface Candidate {
  readonly server: Server;
  readonly seed: U64;
}

/**
 * Which servers scrape which service: a pure function of the servers, the rule, and the service's endpoint and selector, so the
 * same on every machine and in whatever order things came. Work that services share is done once for each selector.
 */
export class Assignment {
  readonly strategy: AssignmentStrategy;
  readonly replicas: number;
  /** By name in byte order. */
  readonly servers: readonly Server[];
  readonly #seeds: ReadonlyMap<string, U64>;
  readonly #candidates = new Map<string, readonly Candidate[]>();
  readonly #matching = new Map<string, readonly Server[]>();

  /** Throws `invalid_argument` unless `replicas` is a whole number of at least 1. */
  constructor(servers: Iterable<Server>, { strategy = "rendezvous", replicas = 1 }: AssignmentRule = {}) {
    if (!Number.isInteger(replicas) || replicas < 1) {
      throw invalidArgument("replicas", replicas, "a whole number of at least 1");
    }
    this.strategy = strategy;
    this.replicas = replicas;
    this.servers = [...servers].toSorted((left, right) => compareBytes(left.name, right.name));
    this.#seeds = new Map(this.servers.map(({ name }) => [name, rendezvousSeed(name)]));
  }

  /** The names of the servers that scrape a service, in byte order; none where no server can. */
  serversOf(service: Assignable): readonly string[] {
    const candidates = this.#candidatesOf(service.selector);
    // Nothing to choose: spares the hashing, and the candidates are sorted already.
    const chosen =
      candidates.length <= this.replicas ? candidates : this.#first(service.endpoint, candidates, this.replicas);
    const names = chosen.map(({ server }) => server.name);
    return names.length > 1 ? names.toSorted(compareBytes) : names;
  }

  /** Every server that could get the service, the one that comes first first; the first `replicas` of them are `serversOf`. */
  ranking(service: Assignable): readonly Server[] {
    const candidates = this.#candidatesOf(service.selector);
    return this.#first(service.endpoint, candidates, candidates.length).map(({ server }) => server);
  }

  /** The servers that a selector matches, those that are leaving included. Throws `invalid_argument` if it cannot be parsed. */
  matching(selector: string): readonly Server[] {
    const known = this.#matching.get(selector);
    if (known !== undefined) return known;
    const parsed = parseSelector(selector);
    const matching = this.servers.filter(({ labels }) => selectorMatches(parsed, recordLookup(labels)));
    if (this.#matching.size >= MAX_SELECTORS) this.#matching.clear();
    this.#matching.set(selector, matching);
    return matching;
  }

  #candidatesOf(selector: string): readonly Candidate[] {
    const known = this.#candidates.get(selector);
    if (known !== undefined) return known;
    const candidates: Candidate[] = [];
    for (const server of this.matching(selector)) {
      const seed = this.#seeds.get(server.name);
      if (server.state !== "leaving" && seed !== undefined) candidates.push({ server, seed });
    }
    if (this.#candidates.size >= MAX_SELECTORS) this.#candidates.clear();
    this.#candidates.set(selector, candidates);
    return candidates;
  }

  #first(endpoint: string, candidates: readonly Candidate[], count: number): Candidate[] {
    const key = crc64(endpoint);
    if (this.strategy === "rendezvous") return lowest(key, candidates, count);
    const bucket = jumpHash(toBigInt(key), candidates.length);
    return [...candidates.slice(bucket), ...candidates.slice(0, bucket)].slice(0, count);
  }
}

/** The candidates with the lowest scores, the lowest first; of equal ones the first by name. */
function lowest(key: U64, candidates: readonly Candidate[], count: number): Candidate[] {
  const scored = candidates.map((candidate) => ({
    candidate,
    score: rendezvousScore(key, candidate.seed, candidate.server.weight ?? 1),
  }));
  // Most installations have one replica: the lowest is found without sorting.
  if (count === 1) return [scored.reduce((best, one) => (one.score < best.score ? one : best)).candidate];
  scored.sort((left, right) => left.score - right.score);
  return scored.slice(0, count).map(({ candidate }) => candidate);
}
