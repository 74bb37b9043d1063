import { lstat, mkdir, readdir, readFile, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DiscoveryError, toError } from "@org/discovery-core";
import { replaceFile } from "../durable-file.ts";
import { type FileStep, type PassKind, planFiles } from "./file-plan.ts";
import { TARGET_FILE_END } from "./target-file-name.ts";

export interface TargetFolderOptions {
  /** The folder that holds one for each server. Made where it is missing. */
  readonly directory: string;
  /** A name that the registry takes. */
  readonly server: string;
  /** Permission bits of the files, less what the umask takes. */
  readonly mode: number;
}

/** What a pass over the files did. */
export interface PassResult {
  readonly written: number;
  readonly removed: number;
  /** What the file system refused; those files are as they were, and the next pass tries again. */
  readonly failures: readonly Error[];
}

/** Not a namespace, for it has a dot; in the same file system, so that a file can be moved out of it in one step. */
const TEMPORARY = ".new";
/** Files that are written at a time: the disk confirms several for the price of one. */
const PARALLEL = 8;

/**
 * The files of one server. A reader sees the old list or the new one, never a part. Whoever else writes here is not noticed
 * before the next resync. One pass at a time.
 */
export class TargetFolder {
  readonly path: string;
  readonly #mode: number;
  /** Text by file name, `undefined` for what could not be read; `undefined` as a whole before the folder was looked at. */
  #known: Map<string, string | undefined> | undefined;

  constructor({ directory, server, mode }: TargetFolderOptions) {
    this.path = join(directory, server);
    this.#mode = mode;
  }

  /** How many files there are, empty lists included. */
  get size(): number {
    return this.#known?.size ?? 0;
  }

  /**
   * Brings the files up to what is wanted, writing only those whose content changes.
   *
   * @throws the error of the file system where the folder cannot even be read; nothing was done then.
   */
  async apply(wanted: ReadonlyMap<string, string>, kind: PassKind): Promise<PassResult> {
    const known = this.#known === undefined || kind.isResync ? await this.#scan() : this.#known;
    this.#known = known;
    const steps = planFiles(known, wanted, kind);
    const failures: Error[] = [];
    for (let start = 0; start < steps.length; start += PARALLEL) {
      const batch = steps.slice(start, start + PARALLEL);
      const outcomes = await Promise.all(batch.map((step, slot) => this.#take(step, slot)));
      failures.push(...outcomes.filter((outcome) => outcome !== undefined));
    }
    if (kind.isResync && kind.isSure) await this.#removeEmptyFolders();
    const removals = steps.filter(({ file, text }) => text === undefined && !known.has(file)).length;
    return { written: writtenOf(steps, known), removed: removals, failures };
  }

  /** The error where it failed. */
  async #take({ file, text }: FileStep, slot: number): Promise<Error | undefined> {
    try {
      if (text === undefined) await this.#remove(file);
      else await this.#write(file, { text, slot });
      return undefined;
    } catch (error) {
      return toError(error);
    }
  }

  async #write(file: string, { text, slot }: { readonly text: string; readonly slot: number }): Promise<void> {
    const path = join(this.path, file);
    const temporary = join(this.path, TEMPORARY);
    await mkdir(dirname(this.path), { recursive: true });
    for (const folder of [this.path, temporary, dirname(path)]) await ensureFolder(folder);
    await replaceFile({ path, temporary: join(temporary, String(slot)), mode: this.#mode }, text);
    this.#known?.set(file, text);
  }

  async #remove(file: string): Promise<void> {
    await rm(join(this.path, file), { force: true });
    this.#known?.delete(file);
  }

  async #scan(): Promise<Map<string, string | undefined>> {
    const found = new Map<string, string | undefined>();
    if (!(await isFolder(this.path))) return found;
    for (const namespace of await this.#namespaces()) {
      for (const entry of await readdir(join(this.path, namespace), { withFileTypes: true })) {
        const isList = entry.name.endsWith(TARGET_FILE_END) && (entry.isFile() || entry.isSymbolicLink());
        if (!isList) continue;
        const file = `${namespace}/${entry.name}`;
        found.set(file, entry.isFile() ? await textOf(join(this.path, file)) : undefined);
      }
    }
    return found;
  }

  async #namespaces(): Promise<string[]> {
    const entries = await readdir(this.path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory() && entry.name !== TEMPORARY).map(({ name }) => name);
  }

  async #removeEmptyFolders(): Promise<void> {
    if (!(await isFolder(this.path))) return;
    for (const namespace of await this.#namespaces()) {
      // One that holds anything stays, and one that is in use will be made again.
      await rmdir(join(this.path, namespace)).catch(() => undefined);
    }
  }
}

function writtenOf(steps: readonly FileStep[], known: ReadonlyMap<string, string | undefined>): number {
  return steps.filter(({ file, text }) => text !== undefined && known.get(file) === text).length;
}

/** `undefined` where it cannot be read, which is reason enough to write it anew. */
async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}

async function ensureFolder(path: string): Promise<void> {
  if (!(await isFolder(path))) await mkdir(path, { recursive: true });
}

/** False where there is nothing. Throws for a link, which could lead anywhere, and for anything else that is no folder. */
async function isFolder(path: string): Promise<boolean> {
  try {
    if ((await lstat(path)).isDirectory()) return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
  throw new DiscoveryError("unavailable", `${path}: expected a folder that is no link`);
}
