import { toError } from "@org/discovery-core";
import type { CAC } from "cac";
import { adminGroup } from "./admin-group.ts";
import { EXIT, exitCodeOf, UsageError } from "./exit-code.ts";
import type { Terminal } from "./terminal.ts";

type Group = (argv: readonly string[], terminal: Terminal) => CAC;

/** Each group is a `cac` of its own, for cac matches only commands of one word. */
const GROUPS: ReadonlyMap<string, { readonly about: string; readonly group: Group }> = new Map([
  ["admin", { about: "What an operator does to the registry as a whole", group: adminGroup }],
]);

/**
 * Runs `discovery` with the arguments that follow the program's name. Resolves with the exit code: 0 done, 1 refused, not reached or
 * not confirmed, 2 a mistake in the command line, 3 the answer to a change was lost. Says what is wrong on the terminal; never rejects.
 */
export async function runCli(argv: readonly string[], terminal: Terminal): Promise<number> {
  const [name = "", ...rest] = argv;
  if (name === "-h" || name === "--help") {
    terminal.print(usage());
    return EXIT.done;
  }
  try {
    if (name === "") throw new UsageError(usage());
    const known = GROUPS.get(name);
    if (known === undefined) throw new UsageError(`${JSON.stringify(name)} is no command; discovery --help lists them`);
    return await runGroup(known.group(rest, terminal), rest);
  } catch (error) {
    terminal.complain(`discovery: ${toError(error).message}`);
    return exitCodeOf(error);
  }
}

async function runGroup(group: CAC, argv: readonly string[]): Promise<number> {
  group.help();
  // cac takes what the process has: the interpreter and the program come first.
  const { args, options } = group.parse(["", "", ...argv], { run: false });
  if (options["help"] === true) return EXIT.done;
  if (group.matchedCommand === undefined) {
    const got = args[0] === undefined ? "none" : JSON.stringify(args[0]);
    const commands = group.commands.map(({ name }) => name).join(", ");
    throw new UsageError(`${group.name}: expected a command (${commands}), got ${got}`);
  }
  group.matchedCommand.checkUnusedArgs();
  return (await group.runMatchedCommand()) as number;
}

function usage(): string {
  const lines = [...GROUPS].map(([name, { about }]) => `  ${name.padEnd(12)}${about}`);
  return ["Usage: discovery <group> <command> [options]", "", ...lines, "", "discovery <group> --help says more."].join(
    "\n",
  );
}
