import * as v from "valibot";
import { option } from "./option.ts";
import { choice, duration, listOf, text } from "./value-types.ts";

export const signingOptions = {
  keys: option({
    flag: "signing-key",
    schema: v.pipe(
      listOf("KEY,…", text("KEY", "keys that are not empty")),
      v.description(
        "Secret that all daemons share. Packets are signed with the first key and accepted with any, so that a key can be exchanged: " +
          "first add the new one behind the old everywhere, then put it first, then remove the old.",
      ),
    ),
    default: "",
    variables: ["SIGNING_KEY"],
    secret: "whole",
  }),
  mode: option({
    flag: "signing-mode",
    schema: v.pipe(
      choice("enforce", "warn"),
      v.description(
        "Whether packets without a valid signature are dropped, or accepted with a warning during a change-over.",
      ),
    ),
    default: "enforce",
    variables: ["SIGNING_MODE"],
  }),
  windowMs: option({
    flag: "signing-window",
    schema: v.pipe(
      duration({ minMs: 1000 }),
      v.description(
        "How far the clock of a sender may be off. A packet older than that is refused, a younger one accepted only once.",
      ),
    ),
    default: "30",
    variables: ["SIGNING_WINDOW"],
  }),
};
