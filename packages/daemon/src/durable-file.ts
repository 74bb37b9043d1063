import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

export interface DurableFile {
  readonly path: string;
  /** Where the new content is written before it takes the old one's place; in the same folder. */
  readonly temporary: string;
  /** Permission bits of the file. */
  readonly mode: number;
}

/**
 * Replaces a file, with its folder if that is missing. A reader, or a process that starts after a crash, sees the old content
 * or the new one, never a part; what this resolved for is on the disk. One call at a time for a file.
 *
 * @throws the error of the file system; the old content is then in place.
 */
export async function replaceFile({ path, temporary, mode }: DurableFile, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  // What a crash left behind; never written through, in case it became a link.
  await rm(temporary, { force: true });
  const file = await open(temporary, "wx", mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
