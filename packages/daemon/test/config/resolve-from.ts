import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseCommandLine } from "../../src/command-line.ts";
import { formatMistake } from "../../src/config/given.ts";
import type { Config } from "../../src/config/options.ts";
import { resolve, type Resolution } from "../../src/config/resolve.ts";

export interface Sources {
  readonly argv?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** The text of the user's configuration file. */
  readonly yaml?: string;
  readonly isRoot?: boolean;
}

/** A folder that is gone after `use`. */
export function withFolder<Result>(use: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), "discovery-config-"));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The configuration of a user whose folder holds nothing but that file. */
export function resolveFrom({ argv = [], environment = {}, yaml, isRoot = false }: Sources): Resolution {
  return withFolder((folder) => {
    const flags = [...argv];
    if (yaml !== undefined) {
      const path = join(folder, "test.yaml");
      writeFileSync(path, yaml);
      flags.push(`--config=${path}`);
    }
    const commandLine = parseCommandLine(flags);
    const { command } = commandLine;
    return resolve(commandLine, { command, argv, environment, homeFolder: "/home/ann", isRoot });
  });
}

/** The configuration, which must be without mistakes. */
export function configFrom(sources: Sources): Config {
  const { config, mistakes } = resolveFrom(sources);
  if (config === undefined) throw new Error(mistakes.map(formatMistake).join("\n"));
  return config;
}

/** The mistakes as they are printed, the temporary folder left out. */
export function mistakesFrom(sources: Sources): readonly string[] {
  const { mistakes } = resolveFrom(sources);
  return mistakes.map((mistake) => formatMistake(mistake).replaceAll(/\/[^ :]*\/test\.yaml/g, "test.yaml"));
}
