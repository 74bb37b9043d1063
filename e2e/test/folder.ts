import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** An empty folder for the test that runs. */
export async function folderForTest(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "discovery-e2e-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
