import * as v from "valibot";
import { splitCommand } from "../callback/command-words.ts";
import { option } from "./option.ts";
import { duration, severalOf, textValue } from "./value-types.ts";

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
  commands: option({
    flag: "callback",
    schema: v.pipe(
      severalOf("COMMAND", command),
      v.description(
        "Program to run after the known hosts changed, with all of them as JSON on its standard input and what changed on file descriptor 3. " +
          "Split into words, quotes respected; no shell runs it. The flag may be repeated, and YAML may have a list: each runs on its own.",
      ),
    ),
    default: "",
    variables: ["CALLBACK"],
  }),
  minWaitMs: option({
    flag: "callback-min-wait",
    schema: v.pipe(
      delay,
      v.description(
        "A run waits until nothing has changed for that long, so that a burst of changes makes one run. Also for webhooks, as the next three.",
      ),
    ),
    default: "0",
    variables: ["CALLBACK_MIN_WAIT"],
  }),
  maxWaitMs: option({
    flag: "callback-max-wait",
    schema: v.pipe(
      delay,
      v.description(
        "A run waits no longer than that after the first change, though changes keep coming. Four times --callback-min-wait where it is not set.",
      ),
    ),
    variables: ["CALLBACK_MAX_WAIT"],
  }),
  cooldownMs: option({
    flag: "callback-cooldown",
    schema: v.pipe(
      delay,
      v.description(
        "Shortest time from the end of one run to the start of the next, whatever --callback-max-wait says.",
      ),
    ),
    default: "15",
    variables: ["CALLBACK_COOLDOWN"],
  }),
  firstRunDelayMs: option({
    flag: "callback-first-run-delay",
    schema: v.pipe(
      delay,
      v.description("Shortest time from the start of the daemon to the first run, whatever --callback-max-wait says."),
    ),
    default: "30",
    variables: ["CALLBACK_FIRST_RUN_DELAY"],
  }),
  timeoutMs: option({
    flag: "callback-timeout",
    schema: v.pipe(duration({ minMs: 1 }), v.description("A run of a callback that takes longer is killed.")),
    default: "60",
    variables: ["CALLBACK_TIMEOUT"],
  }),
};
