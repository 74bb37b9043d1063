import { quote, type Given, type Mistake } from "./given.ts";
import { COMMAND_LINE_KEYS } from "./command-line-keys.ts";
import { variableOf, type Option, type Invocation } from "./option.ts";
import { allOptions } from "./options.ts";
import { readText } from "./read-text.ts";
import { didYouMean } from "./similar.ts";

type Environment = Invocation["environment"];
const PREFIX = "DISCOVERY_";
const CONFIG_VARIABLE = "DISCOVERY_CONFIG";

/** The value of a variable. An empty one counts as not set, as an orchestrator leaves them. */
export function readVariable(environment: Environment, name: string): string | undefined {
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  return value === "" ? undefined : value;
}

/**
 * What the variable says about the option; for a secret also what the file says that `<name>_FILE` names,
 * without the newline at its end. An unreadable file is a mistake, and so are both variables at once.
 */
function givenByVariable(option: Option, name: string, environment: Environment): Given | Mistake | undefined {
  const text = readVariable(environment, name);
  const fileName = `${name}_FILE`;
  const file = option.secret === undefined ? undefined : readVariable(environment, fileName);
  const given: Given | undefined =
    text === undefined ? undefined : { text, kind: "environment", name, from: "environment" };
  if (file === undefined) return given;
  if (given === undefined) return readSecretFile(fileName, file);
  return { name: `${name} and ${fileName}`, expected: "one of the two", got: "both", from: "environment" };
}

function readSecretFile(name: string, path: string): Given | Mistake {
  const { text, problem } = readText(path);
  if (text !== undefined) return { text: text.replace(/\r?\n$/, ""), kind: "environment", name, from: path };
  return { name, expected: "a file that can be read", got: `${quote(path)}: ${problem}`, from: "environment" };
}

/** One warning for each `DISCOVERY_` variable that neither an option has nor the command line `discovery`. */
export function unknownVariables(environment: Environment): readonly string[] {
  const known = new Set([CONFIG_VARIABLE, ...Array.from(COMMAND_LINE_KEYS, variableOf)]);
  for (const { option } of allOptions()) {
    const name = variableOf(option.flag);
    known.add(name);
    if (option.secret !== undefined) known.add(`${name}_FILE`);
  }
  return Object.keys(environment)
    .filter((name) => name.startsWith(PREFIX) && !known.has(name))
    .map((name) => `${name}: no such option${didYouMean(name, known, PREFIX)}; the variable is ignored`);
}

/** The first variable that says something: the one with prefix, then those without. */
export function givenByEnvironment(option: Option, environment: Environment): Given | Mistake | undefined {
  const plain = (option.variables ?? []).filter((variable) => typeof variable === "string");
  for (const name of [variableOf(option.flag), ...plain]) {
    const given = givenByVariable(option, name, environment);
    if (given !== undefined) return given;
  }
  return undefined;
}
