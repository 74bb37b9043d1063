export { natsDriver, natsDriver as default } from "./factory.ts";
export { natsOptions, type NatsOptions } from "./options.ts";
