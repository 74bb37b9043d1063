import {
  DiscoveryError,
  checkStoreKey,
  checkStoreValue,
  isDiscoveryError,
  type Cancel,
  type Epoch,
  type Revision,
  type Store,
  type StoreEntry,
  type StoreObserver,
  type StoreSnapshot,
  type WriteOptions,
} from "@org/discovery-core";
import { OPERATION_HEADER } from "./bucket-message.ts";
import type { Copy } from "./mirror.ts";
import type { Write } from "./publisher.ts";
import { restoreEntries } from "./restore.ts";
import type { StoreParts } from "./store-parts.ts";
import { wipeEntries } from "./wipe.ts";

/** Says what forbids a write to the entry, if anything does. */
type Condition = (entry: StoreEntry | undefined) => DiscoveryError | undefined;

/** A JetStream key-value bucket as a store. */
export class NatsStore implements Store {
  readonly #parts: StoreParts;

  constructor(parts: StoreParts) {
    this.#parts = parts;
  }

  async put(key: string, value: string, { ifRevision }: WriteOptions = {}): Promise<Revision> {
    checkStoreKey(key);
    checkStoreValue(key, value);
    const write = { subject: this.#parts.bucket.entry(key), text: value };
    if (ifRevision !== undefined) return this.#writeIf(key, write, (entry) => conflict(key, entry, ifRevision));
    return this.#write(write, await this.#live());
  }

  async delete(key: string, { ifRevision }: WriteOptions = {}): Promise<Revision> {
    checkStoreKey(key);
    const write = { subject: this.#parts.bucket.entry(key), text: "", headers: { [OPERATION_HEADER]: "DEL" } };
    return this.#writeIf(key, write, (entry) => {
      if (entry === undefined) return missing(key);
      return ifRevision === undefined ? undefined : conflict(key, entry, ifRevision);
    });
  }

  async watch(observer: StoreObserver): Promise<Cancel> {
    return this.#parts.mirror.watch(observer);
  }

  async restore(replica: StoreSnapshot, lost: Epoch): Promise<Revision> {
    const copy = await this.#live();
    if (copy.state.record?.epoch.id !== lost.id) await this.#parts.mirror.refresh(copy);
    return restoreEntries({ ...this.#parts, copy }, replica, lost);
  }

  async wipe(): Promise<Revision> {
    return wipeEntries(this.#parts, () => this.#live());
  }

  /** The copy, up to date. Fails at once with `unavailable` while the link is down. */
  async #live(): Promise<Copy> {
    const { connection, mirror, timeoutMs } = this.#parts;
    connection.required();
    return mirror.live(timeoutMs);
  }

  async #write(write: Write, { state, created }: Copy): Promise<Revision> {
    const { mirror, publisher, timeoutMs } = this.#parts;
    const before = { created, sequence: state.last.sequence };
    return mirror.revisionOf(await publisher.publish(write), before, timeoutMs);
  }

  /**
   * The condition is checked against our copy, and the server makes sure that the entry's subject is still as it is in the copy. Where
   * either fails the copy may have been behind: it is brought up to date, and that decides.
   */
  async #writeIf(key: string, write: Write, condition: Condition): Promise<Revision> {
    const { clock } = this.#parts.context;
    const deadline = clock.monotonic() + this.#parts.timeoutMs;
    for (let isFresh = false; ; isFresh = true) {
      const copy = await this.#live();
      if (isFresh) await this.#parts.mirror.refresh(copy);
      const forbidden = condition(copy.state.entry(key));
      if (forbidden !== undefined && isFresh) throw forbidden;
      if (forbidden !== undefined) continue;
      try {
        const ifSubjectAt = await this.#headOf(key, copy, isFresh);
        return await this.#write({ ...write, ifSubjectAt }, copy);
      } catch (error) {
        if (!isDiscoveryError(error, "revision_conflict") || clock.monotonic() > deadline) throw error;
      }
    }
  }

  /** The last message on the entry's subject. Deletions may be forgotten without a word, so that the server is asked when in doubt. */
  async #headOf(key: string, { api, state }: Copy, isInDoubt: boolean): Promise<number> {
    const head = state.heads.get(key);
    if (!isInDoubt || head?.value !== undefined) return head?.sequence ?? 0;
    const message = await api.last(api.bucket.entry(key));
    return message?.seq ?? 0;
  }
}

function conflict(key: string, entry: StoreEntry | undefined, ifRevision: Revision): DiscoveryError | undefined {
  const revision = entry?.revision ?? 0;
  if (revision === ifRevision) return undefined;
  const found = revision === 0 ? "there is none" : `it has ${revision}`;
  return new DiscoveryError(
    "revision_conflict",
    `store key ${JSON.stringify(key)}: expected revision ${ifRevision}, ${found}`,
  );
}

function missing(key: string): DiscoveryError {
  return new DiscoveryError("not_found", `store key ${JSON.stringify(key)}: there is none`);
}
