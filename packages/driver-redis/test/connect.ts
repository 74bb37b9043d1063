import type { Log } from "@org/discovery-core";
import { realClock } from "@org/discovery-test-servers";
import * as v from "valibot";
import { redisDriver, redisOptions } from "../src/index.ts";
import type { RedisDriver } from "../src/driver.ts";

/** Keeps what a driver says to itself. */
export const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** A driver that is not started, with its options given as a user gives them. */
export function connectTo(options: v.InferInput<typeof redisOptions>, log: Log = silent): RedisDriver {
  return redisDriver.create(v.parse(redisOptions, options), {
    clock: realClock,
    log,
    random: Math.random,
  }) as RedisDriver;
}
