import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, type FleetRecord, type Log, parseFleetRecords, toError } from "@org/discovery-core";
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

/** The fleet as this daemon last knew it, so that it has an answer when it starts while no backend can be reached. */
export class FleetFile {
  readonly #options: FleetFileOptions;
  readonly #path: string;
  #written = "";
  #failed = false;

  constructor(options: FleetFileOptions) {
    this.#options = options;
    this.#path = join(options.folder, FILENAME);
  }

  /** The saved hosts, `age` counted up to now; empty where there is no usable file. Never throws. */
  async read(): Promise<FleetRecord[]> {
    const { clock, log, origin } = this.#options;
    try {
      const file: unknown = JSON.parse(await readFile(this.#path, "utf8"));
      if (!isSavedFleet(file) || file.origin !== origin) return [];
      const asleepMs = Math.max(0, clock.now() - file.savedAt);
      return (parseFleetRecords(file.hosts) ?? []).map((record) => ({ ...record, age: record.age + asleepMs }));
    } catch (error) {
      if (!isMissing(error)) {
        log.warn({ err: toError(error), file: this.#path }, "saved fleet can't be read; starting without it");
      }
      return [];
    }
  }

  /** Saves the hosts unless the same ones are saved already. Never throws: a daemon without a disk still serves. */
  async write(records: readonly FleetRecord[]): Promise<void> {
    const { clock, log, origin } = this.#options;
    const content = JSON.stringify(records.map((record) => [record.hostname, record.labels, record.identity]));
    if (content === this.#written) return;
    const text = JSON.stringify({ origin, savedAt: clock.now(), hosts: records });
    try {
      await replaceFile({ path: this.#path, temporary: `${this.#path}.new`, mode: 0o600 }, text);
      this.#written = content;
      this.#failed = false;
    } catch (error) {
      if (!this.#failed) log.warn({ err: toError(error), file: this.#path }, "fleet can't be saved");
      this.#failed = true;
    }
  }
}

interface SavedFleet {
  readonly origin: string;
  readonly savedAt: number;
  readonly hosts: unknown;
}

function isSavedFleet(json: unknown): json is SavedFleet {
  if (typeof json !== "object" || json === null) return false;
  return "origin" in json && "savedAt" in json && typeof json.savedAt === "number" && "hosts" in json;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
