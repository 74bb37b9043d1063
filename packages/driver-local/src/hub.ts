import { DiscoveryError, randomIdentifier, type StorePosition, toError } from "@org/discovery-core";
import { Channels } from "./channels.ts";
import { fileIdentity, IN_MEMORY, openDatabase } from "./database.ts";
import { Registry } from "./registry.ts";
import { openingError } from "./storage-error.ts";

/** A driver as its hub sees it. */
export interface HubMember {
  /** The registry has a new revision. */
  onCommit(): void;
  /** The file is out of reach, and every subscription gone. */
  onLost(error: Error): void;
}

/**
 * The backend that the local drivers of one process share: its channels, and its SQLite file, which is open from the first
 * driver that connects to the last that leaves. One hub for each path; drivers that share one are as daemons on one backend.
 */
export class LocalHub {
  readonly path: string;
  readonly channels = new Channels();
  readonly #random: () => number;
  readonly #members = new Set<HubMember>();
  #registry: Registry | undefined;
  #identity: string | undefined;
  /** The last state seen of the file, by which one that was put back from a backup is recognised. */
  #seen: StorePosition = { epochId: "", revision: 0 };

  /**
   * @param path of the SQLite file, or ":memory:".
   * @param random uniform in [0, 1), for the identities of epochs.
   */
  constructor(path: string, random: () => number) {
    this.path = path;
    this.#random = random;
  }

  join(member: HubMember): void {
    this.#members.add(member);
  }

  /** Closes the file when the last member leaves. */
  leave(member: HubMember): void {
    this.#members.delete(member);
    if (this.#members.size === 0) this.#close();
  }

  /** Opens the file unless it is open. Throws `unavailable`, or `invalid_argument` where trying again cannot help. */
  open(): void {
    if (this.#registry !== undefined) {
      this.prove();
      return;
    }
    const database = openDatabase(this.path, this.newId());
    try {
      const registry = new Registry(database, this.path);
      if (isBehind(registry, this.#seen)) registry.rewind(this.#seen.revision, this.newId());
      this.#registry = registry;
      this.#identity = this.#currentIdentity();
      this.#remember(registry);
    } catch (error) {
      database.close();
      throw openingError(error, this.path);
    }
  }

  /** Throws `unavailable` unless the file is open and still the one at its path. */
  prove(): void {
    this.#reach();
  }

  /** Reads; undefined where the file is out of reach. */
  read<Result>(run: (registry: Registry) => Result): Result | undefined {
    try {
      return this.#registry === undefined ? undefined : run(this.#registry);
    } catch (error) {
      this.#lose(toError(error));
      return undefined;
    }
  }

  /** Makes one write and tells every member. What the write throws is passed on; a failure of the file is told to all. */
  write<Result>(run: (registry: Registry) => Result): Result {
    const registry = this.#reach();
    let result: Result;
    try {
      result = run(registry);
    } catch (error) {
      if (isFailureOfTheFile(error)) this.#lose(error);
      throw error;
    }
    if (this.#isReplaced()) {
      const text = `SQLite file ${this.path}: written while the file was removed or replaced; it may be lost`;
      throw this.#lose(new DiscoveryError("outcome_unknown", text));
    }
    this.#remember(registry);
    for (const member of [...this.#members]) member.onCommit();
    return result;
  }

  /** Somebody has seen so much of the file before this process began: a file that is behind it was put back from a backup. */
  recall(seen: StorePosition): void {
    const registry = this.#registry;
    if (registry === undefined) {
      if (this.#seen.epochId === "") this.#seen = seen;
      return;
    }
    if (!isBehind(registry, seen)) return;
    this.#seen = seen;
    try {
      this.write(() => registry.rewind(seen.revision, this.newId()));
    } catch {
      // Every member was told, and the file is found behind when it is opened again.
    }
  }

  /** A new identity for an epoch. */
  newId(): string {
    return randomIdentifier(this.#random);
  }

  #reach(): Registry {
    if (this.#registry === undefined) throw new DiscoveryError("unavailable", `SQLite file ${this.path} is not open`);
    if (!this.#isReplaced()) return this.#registry;
    const text = `SQLite file ${this.path}: it was removed or replaced while in use`;
    throw this.#lose(new DiscoveryError("unavailable", text));
  }

  #remember(registry: Registry): void {
    this.#seen = { epochId: registry.epoch.id, revision: registry.revision };
  }

  #isReplaced(): boolean {
    return this.#currentIdentity() !== this.#identity;
  }

  #currentIdentity(): string | undefined {
    return this.path === IN_MEMORY ? IN_MEMORY : fileIdentity(this.path);
  }

  #lose<Failure extends Error>(error: Failure): Failure {
    this.#close();
    for (const member of [...this.#members]) member.onLost(error);
    return error;
  }

  #close(): void {
    const registry = this.#registry;
    this.#registry = undefined;
    this.channels.clear();
    try {
      registry?.close();
    } catch {
      // The last checkpoint failed; SQLite makes it from the log at the next opening.
    }
  }
}

function isBehind(registry: Registry, { epochId, revision }: StorePosition): boolean {
  return registry.epoch.id === epochId && registry.revision < revision;
}

function isFailureOfTheFile(error: unknown): error is DiscoveryError {
  return error instanceof DiscoveryError && (error.code === "unavailable" || error.code === "outcome_unknown");
}
