import { readFileSync } from "node:fs";
import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";

/** The files below a server's folder that a Prometheus would read, by name. */
export async function readTargets(path: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const name of glob("*/*.json", { cwd: path })) found[name] = await readFile(join(path, name), "utf8");
  return found;
}

/** Reads the files all the time, as Prometheus might; `stop` gives what was no whole list. */
export function watchTargets(path: string): { stop(): Promise<string[]> } {
  const broken: string[] = [];
  let isWatching = true;
  const watching = (async () => {
    while (isWatching) {
      for await (const name of glob("*/*.json", { cwd: path })) look(join(path, name), broken);
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  return {
    stop: async () => {
      isWatching = false;
      await watching;
      return broken;
    },
  };
}

function look(file: string, broken: string[]): void {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    // Removed meanwhile.
    return;
  }
  try {
    if (!Array.isArray(JSON.parse(text))) broken.push(`${file}: ${text}`);
  } catch {
    broken.push(`${file}: ${JSON.stringify(text)}`);
  }
}
