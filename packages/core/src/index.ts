export { every, sleep, type Cancel, type Clock } from "./clock.ts";
export { VirtualClock } from "./virtual-clock.ts";
export { DiscoveryError, isDiscoveryError, toError, type ErrorCode } from "./error.ts";
export { randomIdentifier } from "./identifier.ts";
export type { Log, LogFields } from "./log.ts";
export type { Bus, MessageHandler } from "./driver/bus.ts";
export { LinkMonitor, type Link } from "./driver/link.ts";
export {
  checkStoreKey,
  checkStoreValue,
  type Epoch,
  type Revision,
  type Store,
  type StoreChange,
  type StoreEntry,
  type StoreObserver,
  type StoreSnapshot,
  type WriteOptions,
} from "./driver/store.ts";
export type { Driver, DriverContext, DriverFactory } from "./driver/driver.ts";
