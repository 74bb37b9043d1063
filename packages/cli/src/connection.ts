import { DiscoveryClient } from "@org/discovery-client";
import { isDiscoveryError } from "@org/discovery-core";
import type { CAC } from "cac";
import { parseDuration } from "./duration.ts";
import { UsageError } from "./exit-code.ts";
import { textOption } from "./text-option.ts";

const ADDRESS = "127.0.0.1:1313";
const TIMEOUT = "15s";

/** Gives a group the options that say which daemon to talk to. */
export function addConnectionOptions(group: CAC): void {
  group
    .option("-a, --address <address>", `host:port or URL of a daemon ($DISCOVERY_ADDRESS, default ${ADDRESS})`)
    .option("--token <token>", "What the daemon asks for ($DISCOVERY_TOKEN)")
    .option("--timeout <duration>", `How long to wait for an answer ($DISCOVERY_TIMEOUT, default ${TIMEOUT})`);
}

/** A client of the daemon that the options name, or else the environment. Throws `UsageError` for what cannot be. */
export function connect(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): DiscoveryClient {
  const setting = (option: string, variable: string): string | undefined => {
    const value = textOption(argv, option) ?? environment[variable];
    return value === "" ? undefined : value;
  };
  const token = setting("token", "DISCOVERY_TOKEN");
  const timeoutMs = parseDuration("--timeout", setting("timeout", "DISCOVERY_TIMEOUT") ?? TIMEOUT);
  const address = textOption(argv, "a") ?? setting("address", "DISCOVERY_ADDRESS") ?? ADDRESS;
  try {
    return new DiscoveryClient({ address, timeoutMs, ...(token === undefined ? {} : { token }) });
  } catch (error) {
    throw isDiscoveryError(error, "invalid_argument") ? new UsageError(`--${error.message}`) : error;
  }
}
