import { isDiscoveryError, type Log } from "@org/discovery-core";
import type { Config } from "../config/options.ts";
import { createDrivers, type CreateDriversOptions } from "./create-drivers.ts";

const NO_LOG: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** What the drivers would refuse at a start, one mistake to a line, ready for printing. Makes them, starts none, closes all. */
export async function driverMistakes(
  config: Config,
  options: Pick<CreateDriversOptions, "clock" | "folder" | "settings">,
): Promise<readonly string[]> {
  try {
    const hosted = await createDrivers(config, { ...options, log: NO_LOG, random: () => 0 });
    await Promise.all(hosted.map(({ driver }) => driver.close()));
    return [];
  } catch (error) {
    if (!isDiscoveryError(error, "invalid_argument")) throw error;
    return error.message.split("\n");
  }
}
