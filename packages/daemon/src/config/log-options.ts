import * as v from "valibot";
import { option } from "./option.ts";
import { choice } from "./value-types.ts";

export const logOptions = {
  level: option({
    flag: "log-level",
    schema: v.pipe(choice("debug", "info", "warn", "error"), v.description("The least important lines to log.")),
    default: "info",
  }),
  format: option({
    flag: "log-format",
    schema: v.pipe(
      choice("auto", "json", "pretty"),
      v.description(
        "One JSON object per line, lines for people, or the latter on a terminal alone. Goes to standard error.",
      ),
    ),
    default: "auto",
  }),
};
