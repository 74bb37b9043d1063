import type { DriverFactory } from "@org/discovery-core";
import { NatsDriver } from "./driver.ts";
import { checkSecrets } from "./login.ts";
import { natsOptions } from "./options.ts";
import { checkFiles } from "./readable-files.ts";

/** NATS: core subjects as the bus, a JetStream key-value bucket as the store. */
export const natsDriver: DriverFactory<typeof natsOptions> = {
  name: "nats",
  options: natsOptions,
  create(options, context) {
    checkSecrets(options);
    checkFiles(options);
    return new NatsDriver(options, context);
  },
};
