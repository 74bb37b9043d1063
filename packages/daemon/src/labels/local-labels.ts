import { join } from "node:path";
import { DiscoveryError, MAX_LABELS, hostLabelProblem, normalizeLabels, type Log } from "@org/discovery-core";
import { readLabelFolder } from "./label-folder.ts";
import { labelSource, type LabelSource } from "./label-source.ts";
import { RuntimeFile } from "./runtime-file.ts";

export interface LocalLabelsOptions {
  /** The labels of `LABELS`, already split. */
  readonly environment: readonly string[];
  /** `LABELS_PATH`: every regular file in it holds labels, one per line. It may be missing. */
  readonly folder: string;
  /** `RUNTIME_LABELS_FILENAME`: the file in that folder which `add` and `remove` edit. */
  readonly runtimeFilename: string;
  readonly log: Log;
}

/** The labels of this host: from the environment, then the files of a folder, then the runtime file (lobby, "Local labels"). */
export class LocalLabels {
  readonly #environment: LabelSource;
  readonly #folder: string;
  readonly #runtime: RuntimeFile;
  readonly #log: Log;
  #faults: ReadonlySet<string> = new Set();
  /** What each source said when it could last be read. */
  #lastRead: readonly LabelSource[] = [];
  #lastEdit: Promise<void> = Promise.resolve();

  constructor({ environment, folder, runtimeFilename, log }: LocalLabelsOptions) {
    this.#environment = labelSource("the environment", environment.join("\n"));
    this.#folder = folder;
    this.#runtime = new RuntimeFile(folder, runtimeFilename);
    this.#log = log;
  }

  /**
   * All labels as they are now on the disk, sorted, without duplicates, as many as one host may announce. What is no label, and
   * what is too many, is left out, with one warning each. A file or folder that can't be read counts as it was when it last could:
   * a failing disk says nothing about what the host does, and no Prometheus shall lose it for that.
   */
  async read(): Promise<readonly string[]> {
    const sources = [...(await this.#fixed()), await this.#runtime.read()];
    this.#lastRead = this.#believed(sources);
    const labels = normalizeLabels(this.#lastRead.flatMap((source) => source.labels));
    const faults = sources.flatMap((source) => source.faults);
    // Other daemons drop the whole packet of a host with more.
    if (labels.length > MAX_LABELS) faults.push(`${labels.length} labels, expected at most ${MAX_LABELS} on one host`);
    this.#warn(faults);
    return labels.slice(0, MAX_LABELS);
  }

  /**
   * Adds labels to the runtime file; those it holds already stay as they are. Resolves when they are on the disk.
   *
   * @throws DiscoveryError `invalid_argument` for a label that is none, or more labels than one host may announce;
   * `unavailable` where the runtime file can't be read or written. Nothing is changed then.
   */
  add(labels: readonly string[]): Promise<void> {
    return this.#edit(labels, async (present) => {
      const all = normalizeLabels([...present, ...labels]);
      const sources = await this.#fixed();
      const total = new Set([...all, ...sources.flatMap((source) => source.labels)]).size;
      if (total > MAX_LABELS) throw invalid(`${total} labels, expected at most ${MAX_LABELS} on one host`);
      return all;
    });
  }

  /**
   * Removes labels from the runtime file; those it does not hold are ignored. Resolves when that is on the disk.
   *
   * @throws DiscoveryError `invalid_argument` for a label that is none, or that the environment or another file sets;
   * `unavailable` where the runtime file can't be read or written. Nothing is changed then.
   */
  remove(labels: readonly string[]): Promise<void> {
    return this.#edit(labels, async (present) => {
      const removed = new Set(labels);
      for (const { name, labels: fixed } of await this.#fixed()) {
        const kept = fixed.find((label) => removed.has(label));
        if (kept !== undefined) throw fixedLabel(kept, name);
      }
      return present.filter((label) => !removed.has(label));
    });
  }

  /** What can be read, and for what can't what it said last. A file in a folder that is no folder just now reads as missing, not as empty. */
  #believed(sources: readonly LabelSource[]): readonly LabelSource[] {
    const unreadable = sources.filter((source) => !source.readable);
    const believed = new Map<string, LabelSource>();
    for (const { name } of unreadable) {
      for (const source of this.#lastReadBelow(name)) believed.set(source.name, source);
    }
    for (const source of sources) {
      const isNews = source.labels.length > 0 || !believed.has(source.name);
      if (source.readable && isNews) believed.set(source.name, source);
    }
    return [...believed.values()];
  }

  /** What a file said, or what all of a folder did. */
  #lastReadBelow(name: string): readonly LabelSource[] {
    return this.#lastRead.filter((source) => source.name === name || source.name.startsWith(join(name, "/")));
  }

  /** The sources that the API can't edit. */
  async #fixed(): Promise<LabelSource[]> {
    return [this.#environment, ...(await readLabelFolder(this.#folder, this.#runtime.names))];
  }

  /** Edits run one after the other, so that none works on a list that another is about to replace. */
  #edit(labels: readonly string[], change: (present: readonly string[]) => Promise<readonly string[]>): Promise<void> {
    const edit = this.#lastEdit.then(async () => {
      for (const label of labels) checkLabel(label);
      const present = await this.#runtimeLabels();
      const wanted = await change(present);
      if (!isEqual(present, wanted)) await this.#runtime.write(wanted);
    });
    this.#lastEdit = edit.catch(() => undefined);
    return edit;
  }

  async #runtimeLabels(): Promise<readonly string[]> {
    const source = await this.#runtime.read();
    // Writing on top of a file that can't be read would forget the labels in it.
    if (!source.readable) throw new DiscoveryError("unavailable", source.faults.join("; "));
    return normalizeLabels(source.labels);
  }

  /** Warns about each fault when it appears, and again only after it was gone. */
  #warn(faults: readonly string[]): void {
    for (const fault of faults) {
      if (!this.#faults.has(fault)) this.#log.warn({ fault }, "local labels were left out");
    }
    this.#faults = new Set(faults);
  }
}

function isEqual(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((label, index) => label === right[index]);
}

function checkLabel(label: string): void {
  const problem = label === label.trim() ? hostLabelProblem(label) : "has white space around it";
  if (problem !== undefined) throw invalid(`label ${JSON.stringify(label.slice(0, 100).toWellFormed())} ${problem}`);
}

function fixedLabel(label: string, source: string): DiscoveryError {
  return invalid(`label ${JSON.stringify(label)} is set by ${source}, so it can't be deleted`);
}

function invalid(message: string): DiscoveryError {
  return new DiscoveryError("invalid_argument", message);
}
