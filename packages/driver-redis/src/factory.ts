import type { DriverFactory } from "@org/discovery-core";
import { RedisDriver } from "./driver.ts";
import { redisOptions } from "./options.ts";

/** The Redis driver, for Redis 6 and later. */
export const redisDriver: DriverFactory<typeof redisOptions> = {
  name: "redis",
  options: redisOptions,
  create: (options, context) => new RedisDriver(options, context),
};
