import * as v from "valibot";
import { listOf, textValue } from "./value-types.ts";

/** The drivers that come with the daemon. */
export const BUILT_IN_DRIVERS = ["local", "redis", "nats"] as const;

const PACKAGE_NAME = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;
const PATH = /^(?:\.{0,2}\/|[A-Za-z]:[\\/]|file:)./;

/** A built-in driver, in any case as lobby has it, else a package name or path as given; whether it exists is seen later. */
function parseDriverName(given: string): string | undefined {
  const name = given.trim();
  const builtIn = BUILT_IN_DRIVERS.find((known) => known === name.toLowerCase());
  if (builtIn !== undefined) return builtIn;
  return PACKAGE_NAME.test(name) || PATH.test(name) ? name : undefined;
}

const driverName = textValue(
  { placeholder: "DRIVER", expected: "local, redis, nats, the name of an npm package or the path of a module" },
  parseDriverName,
);

export const driverNames = v.pipe(
  listOf("DRIVER,…", driverName),
  v.minLength(1, "at least one driver"),
  v.transform((names): readonly string[] => [...new Set(names)]),
);
