import type { DriverFactory } from "@org/discovery-core";
import { NatsDriver } from "./driver.ts";
import { natsOptions } from "./options.ts";

/** NATS: core subjects as the bus, a JetStream key-value bucket as the store. */
export const natsDriver: DriverFactory<typeof natsOptions> = {
  name: "nats",
  options: natsOptions,
  create: (options, context) => new NatsDriver(options, context),
};
