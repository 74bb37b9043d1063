import { cac, type CAC } from "cac";
import { addConnectionOptions, connect } from "./connection.ts";
import type { Terminal } from "./terminal.ts";
import { textOption } from "./text-option.ts";
import { wipe } from "./wipe.ts";

/** `discovery admin …`: what an operator does to the registry as a whole. Actions resolve with the exit code. */
export function adminGroup(argv: readonly string[], terminal: Terminal): CAC {
  const group = cac("discovery admin");
  addConnectionOptions(group);
  group
    .command("wipe", "Remove every namespace, server and service, and the history, on purpose and on all daemons")
    .option("--reason <text>", "Why, for the history")
    .option("-y, --yes", "Do it without asking")
    .action((options: { readonly yes?: boolean }) => {
      const reason = textOption(argv, "reason");
      const given = { yes: options.yes === true, ...(reason === undefined ? {} : { reason }) };
      return wipe(connect(argv, terminal.environment), given, terminal);
    });
  return group;
}
