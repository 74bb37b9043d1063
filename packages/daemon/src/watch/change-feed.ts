import { randomIdentifier, serviceKey } from "@org/discovery-core";
import type { PresenceView } from "../http/presence-view.ts";
import type { RegistryView } from "../http/registry-view.ts";
import { ChangeLog, type LoggedChange } from "./change-log.ts";
import { hostItem, namespaceItem, serverItem, serviceItem, type WatchedItem } from "./watched-item.ts";
import { ComparedKind, type KindState } from "./watched-kind-state.ts";

export interface ChangeFeedOptions {
  readonly random: () => number;
  readonly presence: PresenceView;
  /** `undefined` where no backend keeps one. */
  readonly registry: RegistryView | undefined;
  /** How many changes are remembered. Default: 10,000. */
  readonly limit?: number;
}

/** Everything there is at one position of the log. */
export interface FeedSnapshot {
  readonly sequence: number;
  readonly items: readonly WatchedItem[];
}

const LIMIT = 10_000;

/** What changes in presence and the registry, as a log that can be read on from where one was. */
export class ChangeFeed {
  readonly #options: ChangeFeedOptions;
  readonly #log: ChangeLog;
  readonly #hosts: KindState;
  readonly #registered: readonly KindState[];
  #seenHosts: unknown;
  #seenVersion: unknown;

  constructor(options: ChangeFeedOptions) {
    this.#options = options;
    this.#log = new ChangeLog(randomIdentifier(options.random), options.limit ?? LIMIT);
    const { presence, registry } = options;
    this.#hosts = new ComparedKind({
      sources: () => presence.exported(),
      key: ({ hostname }) => hostname,
      item: hostItem,
    });
    this.#registered = registry === undefined ? [] : registeredKinds(registry);
  }

  /** Looks for changes; costs nothing where there are none. True where there were some. */
  refresh(): boolean {
    const before = this.#log.last;
    const hosts = this.#options.presence.exported();
    if (hosts !== this.#seenHosts) this.#log.append(this.#hosts.refresh());
    this.#seenHosts = hosts;
    const version = this.#options.registry?.catalog.version;
    if (version !== this.#seenVersion) for (const kind of this.#registered) this.#log.append(kind.refresh());
    this.#seenVersion = version;
    return this.#log.last > before;
  }

  /** Everything there was at the last `refresh`. */
  snapshot(): FeedSnapshot {
    return {
      sequence: this.#log.last,
      items: [this.#hosts, ...this.#registered].flatMap(({ items }) => [...items]),
    };
  }

  /** The changes after a position, at most so many; `undefined` where the log no longer has them all. */
  after(sequence: number, atMost: number): readonly LoggedChange[] | undefined {
    return this.#log.after(sequence, atMost);
  }

  /** The id of the event that brings a client to this position. */
  position(sequence: number): string {
    return this.#log.position(sequence);
  }

  /** The position of an event id; `undefined` where it is no id of this feed. */
  sequenceOf(id: string): number | undefined {
    return this.#log.sequenceOf(id);
  }
}

function registeredKinds({ catalog }: RegistryView): KindState[] {
  const key = ({ name }: { readonly name: string }): string => name;
  return [
    new ComparedKind({ sources: () => catalog.namespaces(), key, item: namespaceItem }),
    new ComparedKind({ sources: () => catalog.servers(), key, item: serverItem }),
    new ComparedKind({ sources: () => catalog.exported(), key: serviceKey, item: serviceItem }),
  ];
}
