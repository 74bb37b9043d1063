export { localDriver, localDriver as default } from "./factory.ts";
export { localOptions, type LocalOptions } from "./options.ts";
export { LocalDriver } from "./driver.ts";
export { LocalHub } from "./hub.ts";
