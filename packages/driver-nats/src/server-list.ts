import { isIP } from "node:net";
import { endpointName, natsEndpoint, type NatsEndpoint } from "./nats-url.ts";

/** The servers to try, in turn: those of the options, in an order of our own, then those that their cluster told of. */
export class ServerList {
  readonly #configured: readonly NatsEndpoint[];
  #discovered: readonly NatsEndpoint[] = [];
  #next = 0;

  constructor(urls: readonly string[], random: () => number) {
    this.#configured = shuffled(urls.map(natsEndpoint), random);
  }

  get count(): number {
    return this.#configured.length + this.#discovered.length;
  }

  next(): NatsEndpoint {
    const all = [...this.#configured, ...this.#discovered];
    const endpoint = all[this.#next % all.length];
    this.#next = (this.#next + 1) % all.length;
    if (endpoint === undefined) throw new TypeError("no servers");
    return endpoint;
  }

  /**
   * Takes over what a server says of its cluster, itself included. The others are reached in the way that this one was. One that is cut
   * off from the others tells of itself alone: then what was known stays.
   */
  discovered(addresses: readonly string[], by: NatsEndpoint): void {
    if (addresses.length < 2) return;
    const known = new Set(this.#configured.map(endpointName));
    const others = addresses.map((address) => neighbour(address, by));
    this.#discovered = others.filter((endpoint) => !known.has(endpointName(endpoint)));
  }
}

/** A server tells IP addresses, which certificates seldom carry: there the name goes by which the teller itself is known. */
function neighbour(address: string, { tlsName, ...by }: NatsEndpoint): NatsEndpoint {
  const { host, port } = natsEndpoint(address);
  const name = tlsName ?? by.host;
  return { ...by, host, port, ...(isIP(host) !== 0 && isIP(name) === 0 ? { tlsName: name } : {}) };
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  return items
    .map((item) => ({ item, order: random() }))
    .toSorted((left, right) => left.order - right.order)
    .map(({ item }) => item);
}
