import * as v from "valibot";
import { splitCommand } from "../callback/command-words.ts";
import { option } from "./option.ts";
import { duration, textValue } from "./value-types.ts";

const command = textValue(
  { placeholder: "COMMAND", expected: "a command, its quotes closed" },
  (given): readonly string[] | undefined => {
    try {
      return splitCommand(given);
    } catch {
      return undefined;
    }
  },
);
const delay = duration({ minMs: 0 });

export const callbackOptions = {
  command: option({
    flag: "callback",
    schema: v.pipe(
      command,
      v.description(
        "Program to run after the known hosts changed, with all of them as JSON on its standard input. Split into words, quotes respected; no shell runs it.",
      ),
    ),
    variables: ["CALLBACK"],
  }),
  cooldownMs: option({
    flag: "callback-cooldown",
    schema: v.pipe(delay, v.description("Shortest time from the end of one run to the start of the next.")),
    default: "15",
    variables: ["CALLBACK_COOLDOWN"],
  }),
  firstRunDelayMs: option({
    flag: "callback-first-run-delay",
    schema: v.pipe(delay, v.description("Shortest time from the start of the daemon to the first run.")),
    default: "30",
    variables: ["CALLBACK_FIRST_RUN_DELAY"],
  }),
  timeoutMs: option({
    flag: "callback-timeout",
    schema: v.pipe(duration({ minMs: 1 }), v.description("A run that takes longer is killed.")),
    default: "60",
    variables: ["CALLBACK_TIMEOUT"],
  }),
};
