import * as v from "valibot";
import { option } from "./option.ts";
import { duration, textValue } from "./value-types.ts";

const share = textValue(
  { placeholder: "PERCENT", expected: "a percentage from 0 to 100, such as 30 or 30%, or a fraction such as 0.3" },
  (given) => {
    const [, digits, percent] = /^\s*(\d{1,3}(?:\.\d+)?)\s*(%?)\s*$/.exec(given) ?? [];
    if (digits === undefined) return undefined;
    const number = Number(digits);
    const part = percent === "%" || number > 1 ? number / 100 : number;
    return part <= 1 ? part : undefined;
  },
);

export const guardOptions = {
  share: option({
    flag: "guard-share",
    schema: v.pipe(
      share,
      v.description(
        "When more than this part of the hosts, and at least 3, or of one exported list, would vanish within one --ttl without a goodbye, " +
          "all stay listed and are marked. 100% never doubts a loss.",
      ),
    ),
    default: "30%",
    variables: ["GUARD_SHARE"],
  }),
  holdMs: option({
    flag: "guard-hold",
    schema: v.pipe(
      duration({ minMs: 0 }),
      v.description("How long they stay, unless they return or an operator accepts the loss (POST /v1/guard/accept)."),
    ),
    default: "15m",
    variables: ["GUARD_HOLD"],
  }),
  lingerMs: option({
    flag: "linger",
    schema: v.pipe(
      duration({ minMs: 0 }),
      v.description("How long an expired host is still exported to Prometheus, marked, so that `up == 0` can alert."),
    ),
    default: "0",
    variables: ["LINGER"],
  }),
};
