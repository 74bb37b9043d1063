import type { DriverFactory } from "@org/discovery-core";
import { localDriver } from "@org/discovery-driver-local";
import { natsDriver } from "@org/discovery-driver-nats";
import { redisDriver } from "@org/discovery-driver-redis";
import { join } from "node:path";
import { allOptions, type Config, type SectionName } from "../config/options.ts";

/** A driver that comes with the daemon, and what the configuration says for it. */
export interface BuiltInDriver {
  readonly factory: DriverFactory;
  /** Options by the driver's own names; what is not set is `undefined` or empty. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The flags that give options, by option. */
  readonly flags: ReadonlyMap<string, string>;
  /** The channel of lobby's packets. */
  readonly channel: string;
  /** Names of the options that say which backend it is. */
  readonly locating: readonly string[];
}

/** The channel where a backend has no tradition of its own. */
export const DEFAULT_CHANNEL = "lobby:discovery";

/** The built-in driver of that name, `undefined` where there is none. */
export function builtInDriver(name: string, config: Config): BuiltInDriver | undefined {
  switch (name) {
    case "local":
      return {
        factory: localDriver,
        options: { path: join(config.driver.dataDir, "registry.sqlite") },
        flags: new Map([["path", "data-dir"]]),
        channel: DEFAULT_CHANNEL,
        locating: ["path"],
      };
    case "redis": {
      const { channel, ...options } = config.redis;
      const locating = ["url", "host", "port", "db", "sentinels", "sentinelName", "cluster", "prefix"];
      return { factory: redisDriver, options, flags: flagsOf("redis"), channel, locating };
    }
    case "nats": {
      const { channel, servers, ...rest } = config.nats;
      const options = servers.length === 0 ? rest : { ...rest, servers };
      const locating = ["servers", "bucket", "prefix"];
      return { factory: natsDriver, options, flags: flagsOf("nats"), channel, locating };
    }
    default:
      return undefined;
  }
}

/** Options of that section have the driver's own names. */
function flagsOf(section: SectionName): ReadonlyMap<string, string> {
  const own = allOptions().filter((placed) => placed.section === section);
  return new Map(own.map(({ name, option }) => [name, option.flag]));
}
