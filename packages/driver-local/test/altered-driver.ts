import type { Driver, Store, StoreObserver } from "@org/discovery-core";

/** The driver with another bus. */
export function withBus(driver: Driver, bus: Partial<Driver["bus"]>): Driver {
  const replaced = {
    reach: driver.bus.reach,
    publish: driver.bus.publish.bind(driver.bus),
    subscribe: driver.bus.subscribe.bind(driver.bus),
    ...bus,
  };
  return withMembers(driver, { bus: replaced });
}

/** The driver with another store. */
export function withStore(driver: Driver, replace: (store: Store) => Partial<Store>): Driver {
  const store = driver.store as Store;
  const replaced: Store = {
    put: store.put.bind(store),
    delete: store.delete.bind(store),
    watch: store.watch.bind(store),
    restore: store.restore.bind(store),
    wipe: store.wipe.bind(store),
    ...replace(store),
  };
  return withMembers(driver, { store: replaced });
}

/** The driver with some members replaced. */
export function withMembers(driver: Driver, members: Partial<Driver>): Driver {
  return {
    name: driver.name,
    bus: driver.bus,
    ...(driver.store === undefined ? {} : { store: driver.store }),
    link: driver.link,
    start: (signal) => driver.start(signal),
    close: () => driver.close(),
    ...members,
  };
}

/** The driver with a store whose watchers are told something else. */
export function withWatch(driver: Driver, observe: (observer: StoreObserver) => StoreObserver): Driver {
  return withStore(driver, (store) => ({ watch: (observer) => store.watch(observe(observer)) }));
}

/** The driver as one that keeps nothing. */
export function withoutStore(driver: Driver): Driver {
  const { store: _store, ...others } = withMembers(driver, {});
  return others;
}
