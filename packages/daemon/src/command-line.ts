import { parseArgs } from "node:util";
import { type Command, COMMANDS } from "./config/command.ts";
import { quote, type Given, type GivenText, type Mistake } from "./config/given.ts";
import { placeholderOf, shapeOf } from "./config/option.ts";
import { allOptions, OTHER_FLAGS } from "./config/options.ts";
import { didYouMean } from "./config/similar.ts";
import type { Shape } from "./config/value-types.ts";

/** What the command line asks for. */
export interface CommandLine {
  readonly action: "run" | "help" | "version" | "show-config";
  readonly command: Command;
  /** By flag, `config` among them. */
  readonly given: ReadonlyMap<string, Given>;
  readonly mistakes: readonly Mistake[];
}

interface Flag {
  readonly shape: Shape;
  /** A switch that is a request of its own, with no value and no place in the configuration. */
  readonly isRequest: boolean;
  readonly short: string | undefined;
  readonly placeholder: string;
}

type Flags = ReadonlyMap<string, Flag>;

/** A flag as it stands on the command line. */
interface Occurrence {
  readonly name: string;
  readonly rawName: string;
  readonly index: number;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

/**
 * Reads the arguments that follow the program's name. Values are kept as they were typed. `--flag value` and `--flag=value`
 * are the same; a switch is `--flag`, `--no-flag` or `--flag=BOOL`. A flag given again replaces the one before, or adds
 * to it where it takes a list or several values. Never throws: unknown flags, flags without their value and stray words are mistakes.
 */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const flags = flagTable();
  const reader = new ArgumentReader(argv, flags);
  for (const token of tokenize(argv, flags)) {
    if (token.kind === "option") reader.flag(token);
    else if (token.kind === "positional") reader.word(token);
  }
  return { action: reader.action(), command: reader.command(), given: reader.given, mistakes: reader.mistakes };
}

function flagTable(): Flags {
  const flags = new Map<string, Flag>();
  for (const { option } of allOptions()) {
    const placeholder = placeholderOf(option);
    flags.set(option.flag, { shape: shapeOf(option), isRequest: false, short: undefined, placeholder });
  }
  for (const { flag, short, placeholder } of OTHER_FLAGS) {
    const isRequest = placeholder === undefined;
    flags.set(flag, { shape: isRequest ? "switch" : "value", isRequest, short, placeholder: placeholder ?? "" });
  }
  return flags;
}

/** `parseArgs` without its own strictness: its errors name one mistake at a time. */
function tokenize(argv: readonly string[], flags: Flags) {
  const options: Record<string, { type: "boolean" | "string"; short?: string }> = {};
  for (const [name, { shape, short }] of flags) {
    options[name] = { type: shape === "switch" ? "boolean" : "string", ...(short !== undefined && { short }) };
  }
  return parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

class ArgumentReader {
  readonly given = new Map<string, Given>();
  readonly mistakes: Mistake[] = [];
  readonly #argv: readonly string[];
  readonly #flags: Flags;
  readonly #requests = new Set<string>();
  /** Where the last unknown flag stands: a word after it is most likely its value. */
  #unknownAt = Number.NaN;
  #lastSwitch: Occurrence | undefined;
  #command: Command | undefined;

  constructor(argv: readonly string[], flags: Flags) {
    this.#argv = argv;
    this.#flags = flags;
  }

  action(): CommandLine["action"] {
    const actions = ["help", "version", "show-config"] as const;
    return actions.find((action) => this.#requests.has(action)) ?? "run";
  }

  command(): Command {
    return this.#command ?? "server";
  }

  flag(found: Occurrence): void {
    const flag = this.#flags.get(found.name);
    const positive = found.name.replace(/^no-/, "");
    const negated = positive === found.name ? undefined : this.#flags.get(positive);
    if (flag?.isRequest === true) this.#request(found);
    else if (flag?.shape === "switch") this.#switch(found);
    else if (flag !== undefined) this.#value(found, flag);
    else if (negated?.shape === "switch" && !negated.isRequest) this.#negated(found, positive);
    else this.#unknown(found);
  }

  word({ index, value }: { readonly index: number; readonly value: string }): void {
    if (index === this.#unknownAt + 1) return;
    const command = COMMANDS.find((known) => known === value);
    if (this.#command === undefined && command !== undefined) {
      this.#command = command;
      return;
    }
    const before = this.#lastSwitch;
    const meant =
      before?.index === index - 1 && before.value === undefined && /^(?:true|false|[01])$/i.test(value)
        ? `${before.rawName}=${value} in one word`
        : `a flag or one of the commands ${COMMANDS.join(", ")}${didYouMean(value, COMMANDS)}`;
    this.mistakes.push({ name: quote(value), expected: meant, got: "a stray word", from: "command line" });
  }

  #request({ name, rawName, value }: Occurrence): void {
    if (value === undefined) this.#requests.add(name);
    else this.#reject(rawName, "no value", quote(value));
  }

  #switch(found: Occurrence): void {
    this.#lastSwitch = found;
    this.#give(found.name, found.rawName, found.value ?? "true");
  }

  #negated({ rawName, value }: Occurrence, name: string): void {
    if (value === undefined) this.#give(name, rawName, "false");
    else this.#reject(rawName, "no value", quote(value));
  }

  #value({ name, rawName, value, inlineValue }: Occurrence, flag: Flag): void {
    if (value === undefined) {
      this.#reject(rawName, flag.placeholder, "nothing");
    } else if (inlineValue !== true && this.#isFlag(value)) {
      this.#reject(rawName, flag.placeholder, `the flag ${value.replace(/=.*$/s, "")}`);
    } else {
      this.#give(name, rawName, addTo(this.given.get(name)?.text, value, flag.shape));
    }
  }

  #unknown({ index, rawName }: Occurrence): void {
    // `-abc` comes as three flags.
    if (index === this.#unknownAt) return;
    this.#unknownAt = index;
    const argument = this.#argv[index] ?? rawName;
    const name = argument.replace(/=.*$/s, "");
    const known = [...this.#flags.keys()].map((flag) => `--${flag}`);
    this.#reject(name, `a flag that exists${didYouMean(name, known, "--")}`, "an unknown flag");
  }

  #isFlag(value: string): boolean {
    const [, name] = /^--([^=]+)/.exec(value) ?? [];
    return name !== undefined && (this.#flags.has(name) || this.#flags.has(name.replace(/^no-/, "")));
  }

  #give(name: string, rawName: string, text: GivenText): void {
    this.given.set(name, { text, kind: "flag", name: rawName, from: "flag" });
  }

  #reject(name: string, expected: string, got: string): void {
    this.mistakes.push({ name, expected, got, from: "flag" });
  }
}

/** What a flag means that was given `before`. */
function addTo(before: GivenText | undefined, value: string, shape: Shape): GivenText {
  if (before === undefined) return value;
  if (shape === "several") return [before, value].flat();
  return shape === "list" ? `${[before].flat().join(",")},${value}` : value;
}
