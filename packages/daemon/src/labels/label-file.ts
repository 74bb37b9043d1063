import { readFile, stat } from "node:fs/promises";
import { toError } from "@org/discovery-core";
import { labelSource, unreadableSource, type LabelSource } from "./label-source.ts";

/** Longest file that is read, in bytes. */
const MAX_BYTES = 1024 * 1024;

/**
 * The labels in a file, which is read anew. `undefined` where there is no regular file (a link to one counts, as Kubernetes
 * mounts them). A file that can't be read is a source without labels and with a fault; never throws.
 */
export async function readLabelFile(path: string): Promise<LabelSource | undefined> {
  try {
    const facts = await stat(path);
    if (!facts.isFile()) return undefined;
    if (facts.size > MAX_BYTES) return unreadableSource(path, `${facts.size} bytes, expected at most ${MAX_BYTES}`);
    return labelSource(path, await readFile(path, "utf8"));
  } catch (error) {
    // ENOTDIR: the folder is none, which is the folder's fault and not this file's.
    if (failedWith(error, "ENOENT") || failedWith(error, "ENOTDIR")) return undefined;
    return unreadableSource(path, toError(error).message);
  }
}

/** Whether a file operation failed with this code of the operating system, as `ENOENT`. */
export function failedWith(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
