import * as v from "valibot";
import { defaultDataFolder } from "./default-folders.ts";
import { driverNames } from "./driver-names.ts";
import { option } from "./option.ts";
import { path, textValue } from "./value-types.ts";

const OptionsByDriver = v.record(v.string(), v.record(v.string(), v.unknown()));

const optionsByDriver = textValue(
  { placeholder: "JSON", expected: 'a JSON object such as {"redis":{"historyLimit":50000}}' },
  (given) => {
    const result = v.safeParse(OptionsByDriver, parseJson(given));
    return result.success ? result.output : undefined;
  },
);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const driverOptions = {
  names: option({
    flag: "driver",
    schema: v.pipe(
      driverNames,
      v.description(
        "What carries announcements and keeps the registry: local (this machine only), redis, nats, an npm package or the path of a module. " +
          "With several, packets go out and come in on all; the first that can keep things keeps the registry.",
      ),
    ),
    default: {
      told: "local; nats where NATS_URL is set",
      text: (_surroundings, isGiven) => (isGiven("nats-url") ? "nats" : "local"),
    },
    variables: ["DRIVER"],
  }),
  options: option({
    flag: "driver-options",
    schema: v.pipe(
      optionsByDriver,
      v.description(
        "Further options of drivers, by the driver as --driver names it and the option as its documentation names it. " +
          "They go before the flags of built-in drivers.",
      ),
    ),
    default: "{}",
    secret: "json",
  }),
  dataDir: option({
    flag: "data-dir",
    schema: v.pipe(
      path,
      v.description("Folder for what the daemon keeps: its database, its last replica. Created where it is missing."),
    ),
    default: {
      told: "$STATE_DIRECTORY, else $XDG_DATA_HOME/discovery, else /var/lib/discovery for root, else ~/.local/share/discovery",
      text: (invocation) => defaultDataFolder(invocation),
    },
  }),
};
