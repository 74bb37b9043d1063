import type { Clock, Log } from "@org/discovery-core";
import { realClock } from "@org/discovery-test-servers";
import * as v from "valibot";
import { redisDriver, redisOptions } from "../src/index.ts";
import type { RedisDriver } from "../src/driver.ts";

/** Keeps what a driver says to itself. */
export const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Where a silent server is not what is tested, one that a busy machine let stand still is not to be taken for it. */
const PATIENT = { linkTimeoutMs: 5000 };

/** A driver that is not started, with its options given as a user gives them; the server may be silent for 5 s unless told otherwise. */
export function connectTo(
  options: v.InferInput<typeof redisOptions>,
  { log = silent, clock = realClock }: { readonly log?: Log; readonly clock?: Clock } = {},
): RedisDriver {
  return redisDriver.create(v.parse(redisOptions, { ...PATIENT, ...options }), {
    clock,
    log,
    random: Math.random,
  }) as RedisDriver;
}
