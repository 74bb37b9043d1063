import { quote, type Given, type Mistake } from "./given.ts";
import { readVariable } from "./environment.ts";
import { defaultConfigFiles } from "./default-folders.ts";
import type { Invocation } from "./option.ts";
import { readText } from "./read-text.ts";
import { parseYamlOptions } from "./yaml-options.ts";

/** What became of a place where a configuration file was looked for. */
export interface ConfigFile {
  readonly path: string;
  readonly state: "parsed" | "not found" | "not read" | "faulty";
}

export interface FileOptions {
  readonly files: readonly ConfigFile[];
  /** By flag. */
  readonly given: ReadonlyMap<string, Given>;
  readonly mistakes: readonly Mistake[];
}

interface Reading {
  readonly state: ConfigFile["state"];
  readonly given?: ReadonlyMap<string, Given>;
  readonly mistakes?: readonly Mistake[];
}

/**
 * The options of the configuration file: the one that `--config` or `DISCOVERY_CONFIG` names, which must exist, else the
 * first of the usual ones that does.
 */
export function readConfigFile(invocation: Invocation, flag: Given | undefined): FileOptions {
  const variable = readVariable(invocation.environment, "DISCOVERY_CONFIG");
  if (typeof flag?.text === "string") return named(flag.text, { name: "--config", from: "flag" });
  if (variable !== undefined) return named(variable, { name: "DISCOVERY_CONFIG", from: "environment" });
  return firstOf(defaultConfigFiles(invocation));
}

function named(path: string, source: Pick<Mistake, "name" | "from">): FileOptions {
  const reading = read(path);
  const mistakes = [...(reading.mistakes ?? [])];
  if (reading.state === "not found") {
    mistakes.push({ ...source, expected: "a file that exists", got: quote(path) });
  }
  return { files: [{ path, state: reading.state }], given: reading.given ?? new Map(), mistakes };
}

function firstOf(paths: readonly string[]): FileOptions {
  const files: ConfigFile[] = [];
  let found: Reading | undefined;
  for (const path of paths) {
    const reading: Reading = found === undefined ? read(path) : { state: "not read" };
    files.push({ path, state: reading.state });
    if (found === undefined && reading.state !== "not found") found = reading;
  }
  return { files, given: found?.given ?? new Map(), mistakes: found?.mistakes ?? [] };
}

function read(path: string): Reading {
  const { text, problem } = readText(path);
  if (problem === "ENOENT" || problem === "ENOTDIR") return { state: "not found" };
  if (text === undefined) {
    return {
      state: "faulty",
      mistakes: [{ name: path, expected: "a file that can be read", got: problem, from: "file" }],
    };
  }
  const parsed = parseYamlOptions(text, path);
  return { ...parsed, state: parsed.readable ? "parsed" : "faulty" };
}
