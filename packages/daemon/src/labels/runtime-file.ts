import { basename, dirname, join } from "node:path";
import { DiscoveryError, toError } from "@org/discovery-core";
import { replaceFile } from "../durable-file.ts";
import { readLabelFile } from "./label-file.ts";
import { labelSource, type LabelSource } from "./label-source.ts";

/** The file that keeps the labels added through the API. Owned by the daemon: whoever edits it by hand may lose comments. */
export class RuntimeFile {
  readonly path: string;
  readonly #temporary: string;

  constructor(folder: string, filename: string) {
    this.path = join(folder, filename);
    this.#temporary = join(dirname(this.path), `.${basename(filename)}.new`);
  }

  /** Names in its folder that are no label files of an operator. */
  get names(): ReadonlySet<string> {
    return new Set([basename(this.path), basename(this.#temporary)]);
  }

  /** Its labels, none where it does not exist; never throws. */
  async read(): Promise<LabelSource> {
    return (await readLabelFile(this.path)) ?? labelSource(this.path, "");
  }

  /**
   * Replaces the content, with its folder if that is missing. A reader, or a daemon that starts after a crash, sees the old
   * labels or the new ones, never a part; what this resolved for is on the disk. One call at a time.
   *
   * @throws DiscoveryError `unavailable` where the disk refuses.
   */
  async write(labels: readonly string[]): Promise<void> {
    try {
      const file = { path: this.path, temporary: this.#temporary, mode: 0o644 };
      await replaceFile(file, labels.map((label) => `${label}\n`).join(""));
    } catch (error) {
      const message = `runtime labels can't be kept in ${this.path}: ${toError(error).message}`;
      throw new DiscoveryError("unavailable", message, { cause: error });
    }
  }
}
