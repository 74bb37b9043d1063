import { readConfigFile, type ConfigFile } from "./config-file.ts";
import { crossMistakes } from "./cross-checks.ts";
import { givenByEnvironment, unknownVariables } from "./environment.ts";
import { isMistake, type Given, type Mistake, type Settings } from "./given.ts";
import { listItems } from "./list-items.ts";
import type { Option, Invocation } from "./option.ts";
import { allOptions, type Config, type PlacedOption } from "./options.ts";
import { applyParts } from "./part-variables.ts";
import { readValue } from "./read-value.ts";
import { secretsIn } from "./secret.ts";

/** The outcome of reading all sources. */
export interface Resolution {
  /** `undefined` where there are mistakes. */
  readonly config: Config | undefined;
  /** Where each value came from, by flag; none for an option that nothing gives, or whose value is mistaken. */
  readonly settings: Settings;
  readonly files: readonly ConfigFile[];
  /** Flags of the options whose value is mistaken. */
  readonly mistaken: ReadonlySet<string>;
  /** All mistakes, not the first alone. */
  readonly mistakes: readonly Mistake[];
  readonly warnings: readonly string[];
  /** Texts that no log line may have. */
  readonly secrets: readonly string[];
}

/** What the command line says: by flag, `config` among them, and what is wrong with it. */
export interface FlagSource {
  readonly given: ReadonlyMap<string, Given>;
  readonly mistakes: readonly Mistake[];
}

/**
 * The configuration. For each option, the first of these that says something: the flag, the variable `DISCOVERY_<FLAG>`,
 * the variables without prefix, the configuration file, the default. Never throws: whatever is wrong is among the mistakes.
 * A value that a stronger source overrides isn't looked at.
 */
export function resolve(flags: FlagSource, invocation: Invocation): Resolution {
  const file = readConfigFile(invocation, flags.given.get("config"));
  const resolver = new Resolver(invocation);
  for (const { option } of allOptions()) {
    const { flag } = option;
    resolver.find(
      option,
      flags.given.get(flag) ?? givenByEnvironment(option, invocation.environment) ?? file.given.get(flag),
    );
  }
  for (const placed of allOptions()) resolver.read(placed);
  const { settings, mistaken, secrets } = resolver;
  // The cast holds because every option has put its value, or `undefined`, in its place.
  const config = resolver.values as unknown as Config;
  const mistakes = [...flags.mistakes, ...file.mistakes, ...resolver.mistakes];
  const { command = "server" } = invocation;
  mistakes.push(...crossMistakes(config, { command, settings, mistaken }));
  return {
    config: mistakes.length === 0 ? config : undefined,
    settings,
    files: file.files,
    mistaken,
    mistakes,
    warnings: unknownVariables(invocation.environment),
    secrets,
  };
}

class Resolver {
  readonly settings = new Map<string, Given>();
  readonly values: Record<string, Record<string, unknown>> = {};
  readonly mistakes: Mistake[] = [];
  readonly mistaken = new Set<string>();
  readonly secrets: string[] = [];
  readonly #invocation: Invocation;
  readonly #found = new Map<string, Given>();

  constructor(invocation: Invocation) {
    this.#invocation = invocation;
  }

  /** First pass: what is given, so that a default may depend on it. */
  find(option: Option, found: Given | Mistake | undefined): void {
    if (found === undefined) return;
    if (isMistake(found)) this.#reject(option, found);
    else this.#found.set(option.flag, found);
  }

  /** Second pass: the option's value. */
  read({ section, name, option }: PlacedOption): void {
    const values = this.values[section] ?? {};
    this.values[section] = values;
    values[name] = undefined;
    if (this.mistaken.has(option.flag)) return;
    const base = this.#found.get(option.flag) ?? this.#default(option);
    if (base === undefined) return;
    this.secrets.push(...secretsIn(option, base.text));
    const read = readValue(option, base);
    if (!read.ok) this.#reject(option, read.mistake);
    const given = this.#withParts(option, base);
    const whole = given === base ? read : readValue(option, given);
    if (!whole.ok || this.mistaken.has(option.flag)) return;
    values[name] = whole.value;
    this.settings.set(option.flag, given);
  }

  #withParts(option: Option, base: Given): Given {
    if (base.kind === "flag" || base.kind === "environment") return base;
    const { given, mistakes } = applyParts(option, base, this.#invocation.environment);
    for (const mistake of mistakes) this.#reject(option, mistake);
    return given;
  }

  #default(option: Option): Given | undefined {
    const standard = option.default;
    if (standard === undefined) return undefined;
    // An empty list says that there is none.
    const isGiven = (flag: string): boolean =>
      this.mistaken.has(flag) || listItems(this.#found.get(flag)?.text ?? [], "list").length > 0;
    const text = typeof standard === "string" ? standard : standard.text(this.#invocation, isGiven);
    return { text, kind: "default", name: option.flag, from: "default" };
  }

  #reject(option: Option, mistake: Mistake): void {
    this.mistakes.push(mistake);
    this.mistaken.add(option.flag);
  }
}
