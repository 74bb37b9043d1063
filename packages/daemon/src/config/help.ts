import { descriptionOf, placeholderOf, plainVariables, shapeOf, toldDefault, type Option } from "./option.ts";
import { allOptions, OTHER_FLAGS, TITLES } from "./options.ts";

const WIDTH = 100;
const INDENT = 6;

const USAGE = `discoveryd tells people what runs where: it announces this host and its labels, knows those of all others,
and answers over HTTP. discoveryd exporter writes what one Prometheus server scrapes into files for its file_sd.

Usage: discoveryd [server] [flags]
       discoveryd exporter --server NAME [flags]

Every flag may also be given as a variable, DISCOVERY_HTTP_LISTEN for --http-listen, or as a key of a YAML file,
http-listen. A flag goes before a variable with the prefix, that before one without, that before the file. A secret may
stand in a file that the variable's name with _FILE names. Switches are turned off by --no-<flag>. Times are in seconds
(15, 0.5) or like 1m30s. Lists are separated by commas.
`;

/** What `--help` prints. */
export function helpText(): string {
  const lines = [USAGE];
  let section = "";
  for (const placed of allOptions()) {
    const title = TITLES[placed.section];
    if (title !== section) lines.push(`${title}:`);
    section = title;
    lines.push(optionHelp(placed.option));
  }
  lines.push("Other:", ...OTHER_FLAGS.map(otherHelp));
  return lines.join("\n");
}

function optionHelp(option: Option): string {
  const value = shapeOf(option) === "switch" ? "" : ` ${placeholderOf(option)}`;
  const variables = plainVariables(option);
  const notes = [
    toldDefault(option) === "" ? "" : `default: ${toldDefault(option)}`,
    variables.length === 0 ? "" : `variable: ${variables.join(", ")}`,
  ].filter((note) => note !== "");
  const end = notes.length === 0 ? "" : ` [${notes.join("; ")}]`;
  return entry(`--${option.flag}${value}`, descriptionOf(option) + end);
}

function otherHelp({ flag, short, placeholder, description }: (typeof OTHER_FLAGS)[number]): string {
  const value = placeholder === undefined ? "" : ` ${placeholder}`;
  return entry(`${short === undefined ? "" : `-${short}, `}--${flag}${value}`, description);
}

function entry(head: string, text: string): string {
  return `  ${head}\n${wrap(text)}\n`;
}

function wrap(text: string): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line === "") lines[lines.length - 1] = word;
    else if (INDENT + line.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => " ".repeat(INDENT) + line).join("\n");
}
