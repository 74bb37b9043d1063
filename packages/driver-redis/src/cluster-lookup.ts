import { toError } from "@org/discovery-core";
import type { Redis } from "ioredis";
import * as v from "valibot";
import { endpointName, rotated, type Endpoint } from "./endpoint.ts";
import { isAnswer, wordsOf } from "./redis-error.ts";

/** Nodes asked at once: enough that a dead one costs nothing, few enough for a fleet that comes back together. */
const ASKED = 3;

export interface ClusterLookupOptions {
  /** Nodes to start from. */
  readonly nodes: readonly Endpoint[];
  /** A key of the registry: which node has one has them all. */
  readonly key: string;
  /** A client of one node that is not connected and never reconnects. */
  client(node: Endpoint): Redis;
}

/**
 * Finds the node of a cluster that serves the registry. A driver speaks to that node alone: what happens to the others does
 * not concern it, and messages reach every node of a cluster whichever they were published at.
 */
export class ClusterLookup {
  readonly #options: ClusterLookupOptions;
  /** What nodes told of each other: these may live when none of those to start from does. */
  #learned: readonly Endpoint[] = [];

  constructor(options: ClusterLookupOptions) {
    this.#options = options;
  }

  /**
   * Resolves with the first answer of the nodes asked. Rejects with an `AggregateError` where none knows, or when the
   * signal aborts.
   *
   * @param attempt counts up, so that other nodes are asked each time.
   */
  async find(attempt: number, signal: AbortSignal): Promise<Endpoint> {
    const asked = rotated(this.#known(), attempt * ASKED).slice(0, ASKED);
    const found = new AbortController();
    const stop = AbortSignal.any([signal, found.signal]);
    try {
      return await Promise.any(asked.map((node) => this.#ask(node, stop)));
    } finally {
      found.abort(new Error("another node answered first"));
    }
  }

  async #ask(node: Endpoint, signal: AbortSignal): Promise<Endpoint> {
    const client = this.#options.client(node);
    let lastWords: unknown;
    client.on("error", (error: unknown) => {
      lastWords = error;
    });
    const close = (): void => {
      if (client.status !== "end") client.disconnect();
      client.stream?.destroy();
    };
    signal.addEventListener("abort", close, { once: true });
    try {
      await client.connect();
      const [owner] = await Promise.all([this.#owner(client, node), this.#learn(client)]);
      return owner;
    } catch (error) {
      const reason: unknown = signal.aborted ? signal.reason : error;
      throw failure(node, isAnswer(error) ? error : (lastWords ?? reason));
    } finally {
      signal.removeEventListener("abort", close);
      close();
    }
  }

  async #owner(client: Redis, node: Endpoint): Promise<Endpoint> {
    try {
      await client.exists(this.#options.key);
      return node;
    } catch (error) {
      const owner = parseMoved(toError(error).message, node);
      if (owner === undefined) throw error;
      return owner;
    }
  }

  /** Not everybody may ask this; then those to start from have to do. */
  async #learn(client: Redis): Promise<void> {
    const slots = await client.cluster("SLOTS").catch(() => []);
    const nodes = parseSlots(slots);
    if (nodes.length > 0) this.#learned = nodes;
  }

  #known(): Endpoint[] {
    const all = [...this.#options.nodes, ...this.#learned];
    return [...new Map(all.map((node) => [endpointName(node), node])).values()];
  }
}

/** Without the cause, which carries the command with its arguments, the password among them. */
function failure(node: Endpoint, thrown: unknown): Error {
  return new Error(`${endpointName(node)}: ${wordsOf(thrown)}`);
}

/** The node that `MOVED 3999 127.0.0.1:6381` names; without a host it is the host that said so. */
export function parseMoved(message: string, answering: Endpoint): Endpoint | undefined {
  const [, host, port] = /^MOVED \d+ (.*):(\d+)$/.exec(message) ?? [];
  if (host === undefined) return undefined;
  return { host: host === "" ? answering.host : host, port: Number(port) };
}

const range = v.tupleWithRest(
  [v.number(), v.number()],
  v.tupleWithRest([v.pipe(v.string(), v.nonEmpty()), v.number()], v.unknown()),
);

/** The nodes in an answer to `CLUSTER SLOTS`; none where it is something else. */
export function parseSlots(reply: unknown): Endpoint[] {
  const parsed = v.safeParse(v.array(range), reply);
  if (!parsed.success) return [];
  return parsed.output.flatMap(([, , ...nodes]) => nodes.map(([host, port]) => ({ host, port })));
}
