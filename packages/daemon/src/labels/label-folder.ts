import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { toError } from "@org/discovery-core";
import { failedWith, readLabelFile } from "./label-file.ts";
import { unreadableSource, type LabelSource } from "./label-source.ts";

/**
 * Every regular file of a folder, whatever its name, as a source of labels; in the order of the names. A missing folder
 * has none; one that can't be listed is a source with a fault. Folders inside are not entered.
 *
 * @param except names of files that are not read.
 */
export async function readLabelFolder(folder: string, except: ReadonlySet<string>): Promise<LabelSource[]> {
  const names = await list(folder);
  if (names instanceof Error) return [unreadableSource(folder, names.message)];
  const wanted = names.filter((name) => !except.has(name)).toSorted();
  const sources: LabelSource[] = [];
  for (const name of wanted) {
    const source = await readLabelFile(join(folder, name));
    if (source !== undefined) sources.push(source);
  }
  return sources;
}

async function list(folder: string): Promise<string[] | Error> {
  try {
    return await readdir(folder);
  } catch (error) {
    return failedWith(error, "ENOENT") ? [] : toError(error);
  }
}
