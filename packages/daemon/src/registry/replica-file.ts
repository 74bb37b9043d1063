import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, type Log, type StoreEntry, type StoreSnapshot, toError } from "@org/discovery-core";
import * as v from "valibot";
import { replaceFile } from "../durable-file.ts";

export interface ReplicaFileOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** The daemon's data folder. */
  readonly folder: string;
  /** Which backend the registry is kept in: a file of another one is not read. */
  readonly origin: string;
}

/** The registry as it was saved. */
export interface SavedReplica {
  readonly snapshot: StoreSnapshot;
  /** Milliseconds since it was saved, by the wall clock. */
  readonly ageMs: number;
}

const FILENAME = "replica.json";
const RevisionSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const SavedSchema = v.object({
  origin: v.string(),
  savedAt: v.number(),
  epoch: v.object({
    id: v.string(),
    origin: v.picklist(["fresh", "rewound", "wiped", "restored"]),
    base: RevisionSchema,
  }),
  revision: RevisionSchema,
  entries: v.array(v.tuple([v.string(), v.string(), RevisionSchema])),
});

/**
 * The registry as this daemon last knew it: what it serves when it starts while the backend is out of reach, and what it writes
 * back to a backend that comes up empty.
 */
export class ReplicaFile {
  readonly #options: ReplicaFileOptions;
  readonly #path: string;
  #written = "";
  #failed = false;
  /** The write under way: a file takes one at a time. */
  #writing: Promise<void> = Promise.resolve();

  constructor(options: ReplicaFileOptions) {
    this.#options = options;
    this.#path = join(options.folder, FILENAME);
  }

  /** What was saved; `undefined` where there is no usable file. Never throws. */
  async read(): Promise<SavedReplica | undefined> {
    const { clock, log, origin } = this.#options;
    try {
      const saved = v.parse(SavedSchema, JSON.parse(await readFile(this.#path, "utf8")));
      if (saved.origin !== origin) {
        log.info({ file: this.#path }, "saved registry is that of another backend; starting without it");
        return undefined;
      }
      const { epoch, revision } = saved;
      const entries = new Map(
        saved.entries.map(([key, value, revision]): [string, StoreEntry] => [key, { value, revision }]),
      );
      return { snapshot: { epoch, revision, entries }, ageMs: Math.max(0, clock.now() - saved.savedAt) };
    } catch (error) {
      if (!isMissing(error)) {
        log.warn({ err: toError(error), file: this.#path }, "saved registry can't be read; starting without it");
      }
      return undefined;
    }
  }

  /** Saves the registry unless this very one is saved already. Never throws: a daemon without a disk still serves. */
  write(snapshot: StoreSnapshot): Promise<void> {
    return this.#next(async () => {
      if (versionOf(snapshot) !== this.#written) await this.#replace(snapshot);
    });
  }

  /** Saves the registry as it is now, though it may be saved already: the time of saving says how old it is. Never throws. */
  renew(snapshot: StoreSnapshot): Promise<void> {
    return this.#next(() => this.#replace(snapshot));
  }

  #next(save: () => Promise<void>): Promise<void> {
    this.#writing = this.#writing.then(save);
    return this.#writing;
  }

  async #replace(snapshot: StoreSnapshot): Promise<void> {
    const { clock, log, origin } = this.#options;
    const { epoch, revision, entries } = snapshot;
    const saved = Array.from(entries, ([key, entry]) => [key, entry.value, entry.revision]);
    const text = JSON.stringify({ origin, savedAt: clock.now(), epoch, revision, entries: saved });
    try {
      await replaceFile({ path: this.#path, temporary: `${this.#path}.new`, mode: 0o600 }, text);
      this.#written = versionOf(snapshot);
      this.#failed = false;
    } catch (error) {
      if (!this.#failed) log.warn({ err: toError(error), file: this.#path }, "registry can't be saved");
      this.#failed = true;
    }
  }
}

/** Tells two states of the registry apart. */
function versionOf({ epoch, revision }: StoreSnapshot): string {
  return `${epoch.id} ${epoch.origin} ${revision}`;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
