import { DiscoveryError, type Driver, type DriverContext, type DriverFactory } from "@org/discovery-core";
import * as v from "valibot";
import type { Config } from "../config/options.ts";
import { builtInDriver, DEFAULT_CHANNEL } from "./built-in-drivers.ts";
import { loadDriver } from "./load-driver.ts";
import { placeOf } from "./place.ts";

/** A driver with the channel that its packets travel on. */
export interface HostedDriver {
  readonly driver: Driver;
  readonly channel: string;
  /** Tells its backend from others; see `placeOf`. */
  readonly place: string;
}

export interface CreateDriversOptions extends DriverContext {
  /** The folder that paths of driver modules start from. */
  readonly folder: string;
}

/**
 * The drivers that the configuration names, in its order; none is started.
 *
 * @throws DiscoveryError `invalid_argument` for a name that is no driver, or options that the driver refuses.
 */
export function createDrivers(config: Config, options: CreateDriversOptions): Promise<HostedDriver[]> {
  return Promise.all(config.driver.names.map((name) => createDriver(name, config, options)));
}

async function createDriver(name: string, config: Config, options: CreateDriversOptions): Promise<HostedDriver> {
  const builtIn = builtInDriver(name, config);
  const factory = builtIn?.factory ?? (await loadDriver(name, options.folder));
  const given = { ...builtIn?.options, ...config.driver.options[name] };
  return {
    driver: make(factory, given, options),
    channel: builtIn?.channel ?? DEFAULT_CHANNEL,
    place: placeOf(name, given, builtIn?.locating),
  };
}

function make(factory: DriverFactory, given: Readonly<Record<string, unknown>>, context: DriverContext): Driver {
  const result = v.safeParse(factory.options, given);
  if (result.success) return factory.create(result.output, context);
  const problems = result.issues.map((issue) => `${v.getDotPath(issue) ?? "options"}: ${issue.message}`);
  throw new DiscoveryError("invalid_argument", `options of driver ${factory.name}: ${problems.join("; ")}`);
}
