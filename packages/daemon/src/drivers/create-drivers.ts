import { DiscoveryError, type Driver, type DriverContext, type DriverFactory } from "@org/discovery-core";
import { localDriver } from "@org/discovery-driver-local";
import { redisDriver } from "@org/discovery-driver-redis";
import { join } from "node:path";
import * as v from "valibot";
import type { Config } from "../config/options.ts";

/** A driver with the channel that its packets travel on. */
export interface HostedDriver {
  readonly driver: Driver;
  readonly channel: string;
}

/** The channel of lobby's packets where a backend has no tradition of its own. */
const CHANNEL = "lobby:discovery";

/**
 * The drivers that the configuration names, in its order; none is started.
 *
 * @throws DiscoveryError `invalid_argument` for a name that is no driver, or options that the driver refuses.
 */
export function createDrivers(config: Config, context: DriverContext): HostedDriver[] {
  return config.driver.names.map((name) => createDriver(name, config, context));
}

function createDriver(name: string, config: Config, context: DriverContext): HostedDriver {
  if (name === "local") {
    const path = join(config.driver.dataDir, "registry.sqlite");
    return { driver: make(localDriver, { path }, context), channel: CHANNEL };
  }
  if (name === "redis") {
    const { channel, ...options } = config.redis;
    return { driver: make(redisDriver, options, context), channel };
  }
  throw new DiscoveryError("invalid_argument", `driver: expected local or redis, got ${JSON.stringify(name)}`);
}

function make<Options extends v.GenericSchema>(
  factory: DriverFactory<Options>,
  given: Readonly<Record<string, unknown>>,
  context: DriverContext,
): Driver {
  const result = v.safeParse(factory.options, given);
  if (result.success) return factory.create(result.output, context);
  const problems = result.issues.map((issue) => `${v.getDotPath(issue) ?? "options"}: ${issue.message}`);
  throw new DiscoveryError("invalid_argument", `options of driver ${factory.name}: ${problems.join("; ")}`);
}
