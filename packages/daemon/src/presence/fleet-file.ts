import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Clock,
  DiscoveryError,
  type FleetRecord,
  type Log,
  parseFleetRecords,
  toError,
} from "@org/discovery-core";
import { replaceFile } from "../durable-file.ts";

export interface FleetFileOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** The daemon's data folder. */
  readonly folder: string;
  /** Where the fleet was heard, for example `redis lobby:discovery`: a file of another fleet is not read. */
  readonly origin: string;
}

const FILENAME = "fleet.json";

/** How long a fleet that does not change stays as it was saved, in milliseconds: as much older than it is it may seem at the next start. */
const FRESH_MS = 60_000;

/** The fleet as this daemon last knew it, so that it has an answer when it starts while no backend can be reached. */
export class FleetFile {
  readonly #options: FleetFileOptions;
  readonly #path: string;
  #written = "";
  /** Monotonic milliseconds at which that was. */
  #writtenAt = 0;
  #failed = false;
  #lastWrite: Promise<void> = Promise.resolve();

  constructor(options: FleetFileOptions) {
    this.#options = options;
    this.#path = join(options.folder, FILENAME);
  }

  /** The saved hosts, `age` counted up to now; empty where there is no usable file. Never throws. */
  async read(): Promise<FleetRecord[]> {
    const { clock, log, origin } = this.#options;
    try {
      const saved = parseSavedFleet(await readFile(this.#path, "utf8"));
      if (saved.origin !== origin) return [];
      const asleepMs = Math.max(0, clock.now() - saved.savedAt);
      return saved.hosts.map((record) => ({ ...record, age: record.age + asleepMs }));
    } catch (error) {
      if (!isMissing(error)) {
        log.warn({ err: toError(error), file: this.#path }, "saved fleet can't be read; starting without it");
      }
      return [];
    }
  }

  /**
   * Saves the hosts unless the same ones were saved a moment ago. Resolves when that is done, and whatever was to be saved
   * before. Never throws: a daemon without a disk still serves.
   */
  write(records: readonly FleetRecord[]): Promise<void> {
    const savedAt = this.#options.clock.now();
    this.#lastWrite = this.#lastWrite.then(() => this.#write(records, savedAt));
    return this.#lastWrite;
  }

  async #write(records: readonly FleetRecord[], savedAt: number): Promise<void> {
    const { clock, log, origin } = this.#options;
    const content = JSON.stringify(records.map(({ age: _age, ...record }) => record));
    const now = clock.monotonic();
    if (content === this.#written && now - this.#writtenAt < FRESH_MS) return;
    const text = JSON.stringify({ origin, savedAt, hosts: records });
    try {
      await replaceFile({ path: this.#path, temporary: `${this.#path}.new`, mode: 0o600 }, text);
      this.#written = content;
      this.#writtenAt = now;
      this.#failed = false;
    } catch (error) {
      if (!this.#failed) log.warn({ err: toError(error), file: this.#path }, "fleet can't be saved");
      this.#failed = true;
    }
  }
}

interface SavedFleet {
  readonly origin: string;
  /** Unix milliseconds. */
  readonly savedAt: number;
  readonly hosts: readonly FleetRecord[];
}

function parseSavedFleet(text: string): SavedFleet {
  const file: unknown = JSON.parse(text);
  if (typeof file === "object" && file !== null && "origin" in file && "savedAt" in file && "hosts" in file) {
    const { origin, savedAt } = file;
    const hosts = parseFleetRecords(file.hosts);
    if (typeof origin === "string" && typeof savedAt === "number" && hosts !== undefined) {
      return { origin, savedAt, hosts };
    }
  }
  throw new DiscoveryError("invalid_argument", "expected a fleet as a daemon saves it");
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
