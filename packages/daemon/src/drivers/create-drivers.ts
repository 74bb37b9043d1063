import {
  DiscoveryError,
  type Driver,
  type DriverContext,
  type DriverFactory,
  isDiscoveryError,
} from "@org/discovery-core";
import * as v from "valibot";
import { formatMistake, type Mistake, type Settings } from "../config/given.ts";
import type { Config } from "../config/options.ts";
import { type BuiltInDriver, builtInDriver, DEFAULT_CHANNEL } from "./built-in-drivers.ts";
import { loadMistake, refusalMistakes, schemaMistakes, strangeDrivers, strangeOptions } from "./driver-mistakes.ts";
import { loadDriver } from "./load-driver.ts";
import { placeOf } from "./place.ts";
import { ToldDriver } from "./told-driver.ts";

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
  /** For what is said of mistakes. */
  readonly settings: Settings;
}

/**
 * The drivers that the configuration names, in its order; none is started.
 *
 * @throws DiscoveryError `invalid_argument` for names that are no driver's, and options that a driver refuses: all of them, one to a
 * line, each as `formatMistake` puts it. No driver is left open then.
 */
export async function createDrivers(config: Config, options: CreateDriversOptions): Promise<HostedDriver[]> {
  const attempts = await Promise.all(config.driver.names.map((name) => attempt(name, config, options)));
  const hosted = attempts.filter((made) => "driver" in made);
  const mistakes = [
    ...strangeDrivers(config, options.settings),
    ...attempts.flatMap((made) => ("driver" in made ? [] : made)),
  ];
  if (mistakes.length === 0) return hosted;
  await Promise.all(hosted.map(({ driver }) => driver.close()));
  throw new DiscoveryError("invalid_argument", mistakes.map(formatMistake).join("\n"));
}

type Attempt = HostedDriver | readonly Mistake[];

async function attempt(name: string, config: Config, options: CreateDriversOptions): Promise<Attempt> {
  const told = new ToldDriver(name, config, options.settings);
  const builtIn = builtInDriver(name, config);
  const load = (): Promise<DriverFactory> => loadDriver(name, options.folder);
  const factory = builtIn?.factory ?? (await unlessRefused(load, (message) => [loadMistake(told, message)]));
  return "create" in factory ? make(factory, { told, builtIn, context: options }) : factory;
}

interface Making {
  readonly told: ToldDriver;
  readonly builtIn: BuiltInDriver | undefined;
  readonly context: DriverContext;
}

async function make(factory: DriverFactory, { told, builtIn, context }: Making): Promise<Attempt> {
  const given = { ...builtIn?.options, ...told.own };
  const parsed = v.safeParse(factory.options, given);
  const from = { told, factory };
  const mistakes = [...strangeOptions(from), ...(parsed.success ? [] : schemaMistakes(from, parsed.issues))];
  if (mistakes.length > 0 || !parsed.success) return mistakes;
  const create = (): Driver => factory.create(parsed.output, context);
  const driver = await unlessRefused(create, (message) => refusalMistakes(from, message));
  if (!("close" in driver)) return driver;
  return { driver, channel: builtIn?.channel ?? DEFAULT_CHANNEL, place: placeOf(told.name, given, builtIn?.locating) };
}

/** What was made, or what was wrong with what it was made of. */
async function unlessRefused<Made>(
  create: () => Made | Promise<Made>,
  mistakes: (message: string) => readonly Mistake[],
): Promise<Made | readonly Mistake[]> {
  try {
    return await create();
  } catch (error) {
    if (!isDiscoveryError(error, "invalid_argument")) throw error;
    return mistakes(error.message);
  }
}
