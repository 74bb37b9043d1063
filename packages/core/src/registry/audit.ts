import { compareBytes } from "../byte-order.ts";
import { sleep, type Cancel, type Clock } from "../clock.ts";
import { isDiscoveryError, toError } from "../error.ts";
import { randomIdentifier } from "../identifier.ts";
import type { Log } from "../log.ts";
import { auditFormat, auditTime, type AuditEntry, type AuditFacts } from "./audit-entry.ts";
import { inParallel } from "./in-parallel.ts";
import { decodeRecord, encodeRecord } from "./record-format.ts";
import type { Replica } from "./replica.ts";

export interface AuditOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly replica: Replica;
  readonly random: () => number;
  /** Entries kept in the store, of all daemons together; the oldest are deleted. Default: 1,000. */
  readonly limit?: number;
}

/** Which entries of the history to show. All conditions must hold. */
export interface AuditQuery {
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly endpoint?: string;
  readonly actor?: string;
  readonly action?: string;
  /** Unix milliseconds, inclusive. */
  readonly since?: number;
  /** Unix milliseconds, exclusive. */
  readonly until?: number;
  /** Default: 100. */
  readonly limit?: number;
}

const LIMIT = 1000;
const SHOWN = 100;
const ATTEMPTS = 3;
const RETRY_MS = 1000;
/** Of four characters in base 36. */
const SEQUENCES = 36 ** 4;
/** Entries waiting to be written; more are dropped. */
const MAX_PENDING = 10_000;
/** Entries written, or deleted, at a time. */
const PARALLEL = 16;

/**
 * The history of changes, kept in the store as a ring. An entry is written after the change it describes and apart from it: that it
 * could not be written never fails the change; it is logged and counted.
 */
export class Audit {
  readonly #options: AuditOptions;
  readonly #pending: AuditEntry[] = [];
  readonly #cancel: Cancel;
  #keys: string[] = [];
  readonly #writers = new Set<Promise<void>>();
  #isTrimming = false;
  #lost = 0;
  #sequence = 0;

  constructor(options: AuditOptions) {
    this.#options = options;
    this.#cancel = options.replica.onChange(({ key }) => this.#follow(key));
    this.#follow(undefined);
  }

  /** Entries that could not be written since the start. */
  get lost(): number {
    return this.#lost;
  }

  /** Stops following the replica. What is pending is still written. */
  stop(): void {
    this.#cancel();
  }

  /** Resolves when all that was recorded so far is written, or lost. */
  async settled(): Promise<void> {
    await Promise.all(this.#writers);
  }

  /** Takes an entry to be written. Returns at once and never throws. */
  record(facts: AuditFacts): void {
    const at = this.#options.clock.now();
    if (this.#pending.length >= MAX_PENDING) {
      this.#lose(facts, new Error(`${MAX_PENDING} entries are waiting to be written`));
      return;
    }
    this.#pending.push({ id: this.#newId(at), at, ...facts });
    if (this.#writers.size >= PARALLEL) return;
    const writer = this.#drain().finally(() => this.#writers.delete(writer));
    this.#writers.add(writer);
  }

  /** The newest entries first. Entries that cannot be read are left out. */
  history(query: AuditQuery = {}): AuditEntry[] {
    const { limit = SHOWN } = query;
    const found: AuditEntry[] = [];
    for (let index = this.#keys.length - 1; index >= 0 && found.length < limit; index--) {
      const entry = this.#read(this.#keys[index] ?? "");
      if (entry !== undefined && isAsked(entry, query)) found.push(entry);
    }
    return found;
  }

  /** Their ids keep them in order, in whatever order they are written. */
  async #drain(): Promise<void> {
    for (let entry = this.#pending.shift(); entry !== undefined; entry = this.#pending.shift()) {
      await this.#write(entry);
    }
  }

  async #write(entry: AuditEntry): Promise<void> {
    const { clock, replica } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        await replica.put(auditFormat.key(entry), encodeRecord(entry));
        break;
      } catch (error) {
        if (attempt === ATTEMPTS) {
          this.#lose(entry, toError(error));
          return;
        }
        await sleep(clock, RETRY_MS);
      }
    }
    await this.#trim();
  }

  /** Deletes what is over the limit. Another daemon may be doing the same; what fails is done after the next entry. */
  async #trim(): Promise<void> {
    if (this.#isTrimming) return;
    this.#isTrimming = true;
    try {
      // Further entries may have been written meanwhile. What others have deleted goes without our help.
      while ((await this.#deleteOldest()) > 0);
    } catch (error) {
      this.#options.log.debug({ err: toError(error) }, "old audit entries not deleted");
    } finally {
      this.#isTrimming = false;
    }
  }

  /** How many it deleted. */
  async #deleteOldest(): Promise<number> {
    const { replica, limit = LIMIT } = this.#options;
    const surplus = this.#keys.slice(0, Math.max(0, this.#keys.length - limit));
    let deleted = 0;
    await inParallel(surplus, PARALLEL, async (key) => {
      try {
        await replica.delete(key);
        deleted += 1;
      } catch (error) {
        if (!isDiscoveryError(error, "not_found")) throw error;
      }
    });
    return deleted;
  }

  /** Entries of one millisecond keep the order in which this daemon recorded them. */
  #newId(at: number): string {
    this.#sequence = (this.#sequence + 1) % SEQUENCES;
    const sequence = this.#sequence.toString(36).padStart(4, "0");
    return `${auditTime(at)}-${sequence}${randomIdentifier(this.#options.random).slice(0, 7)}`;
  }

  #follow(key: string | undefined): void {
    const { entries } = this.#options.replica;
    if (key === undefined) {
      this.#keys = [...entries.keys()].filter((each) => each.startsWith(auditFormat.prefix)).toSorted(compareBytes);
    } else if (key.startsWith(auditFormat.prefix)) {
      const index = this.#keys.findLastIndex((each) => compareBytes(each, key) <= 0);
      const isKnown = this.#keys[index] === key;
      if (entries.has(key) && !isKnown) this.#keys.splice(index + 1, 0, key);
      if (!entries.has(key) && isKnown) this.#keys.splice(index, 1);
    }
  }

  #read(key: string): AuditEntry | undefined {
    const entry = this.#options.replica.entries.get(key);
    const decoded = entry === undefined ? undefined : decodeRecord(auditFormat, key, entry.value);
    return decoded !== undefined && "record" in decoded ? decoded.record : undefined;
  }

  #lose(facts: AuditFacts, error: Error): void {
    this.#lost += 1;
    const { action, kind, name, actor } = facts;
    this.#options.log.warn({ err: error, action, kind, name, actor }, "audit entry lost");
  }
}

function isAsked(entry: AuditEntry, query: AuditQuery): boolean {
  if (query.since !== undefined && entry.at < query.since) return false;
  if (query.until !== undefined && entry.at >= query.until) return false;
  const conditions = ["kind", "name", "namespace", "endpoint", "actor", "action"] as const;
  return conditions.every((name) => query[name] === undefined || query[name] === entry[name]);
}
