import type { DriverFactory } from "@org/discovery-core";
import { LocalDriver } from "./driver.ts";
import { LocalHub } from "./hub.ts";
import { localOptions } from "./options.ts";

/** The embedded driver: a bus inside the process, and a SQLite file that one daemon at a time has to itself. */
export const localDriver: DriverFactory<typeof localOptions> = {
  name: "local",
  options: localOptions,
  create: (options, context) => new LocalDriver(new LocalHub(options.path, context.random), context),
};
