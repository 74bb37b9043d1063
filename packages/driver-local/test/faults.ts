import { isDiscoveryError, type Driver } from "@org/discovery-core";
import type { Check } from "@org/discovery-driver-conformance";
import { withBus, withMembers, withStore, withWatch } from "./altered-driver.ts";

/** A way to break a promise of the driver contract, and the checks that must notice. */
export interface Fault {
  readonly name: string;
  readonly noticedBy: readonly Check[];
  readonly worsen: (driver: Driver) => Driver;
}

const BUS_FAULTS: readonly Fault[] = [
  {
    name: "every message comes twice",
    noticedBy: ["bus: every daemon hears a message, the publisher too", "bus: subscriptions survive a kill"],
    worsen: (driver) =>
      withBus(driver, {
        subscribe: (channel, hear) =>
          driver.bus.subscribe(channel, (message) => {
            hear(message);
            hear(message);
          }),
      }),
  },
  {
    name: "a cancelled subscription goes on",
    noticedBy: ["bus: two subscriptions of one daemon both hear, a cancelled one no more"],
    worsen: (driver) =>
      withBus(driver, {
        subscribe: async (channel, hear) => {
          await driver.bus.subscribe(channel, hear);
          return () => {};
        },
      }),
  },
  {
    name: "channels are cut at the first dot",
    noticedBy: ["bus: channels are apart"],
    worsen: (driver) =>
      withBus(driver, {
        subscribe: (channel, hear) => driver.bus.subscribe(channel.split(".")[0] ?? "", hear),
        publish: (channel, message) => driver.bus.publish(channel.split(".")[0] ?? "", message),
      }),
  },
  {
    name: "messages are cut at a NUL",
    noticedBy: ["bus: any text arrives as it was sent"],
    worsen: (driver) =>
      withBus(driver, { publish: (channel, message) => driver.bus.publish(channel, message.split("\0")[0] ?? "") }),
  },
  {
    name: "what is published while down is swallowed",
    noticedBy: [
      "bus: publishing while down fails at once, and nothing is sent later",
      "start: waits for a backend that is down, then everything works",
    ],
    worsen: (driver) =>
      withBus(driver, { publish: (channel, message) => driver.bus.publish(channel, message).catch(() => {}) }),
  },
];

const LIFE_FAULTS: readonly Fault[] = [
  {
    name: "start does not wait",
    noticedBy: ["start: waits for a backend that is down, then everything works"],
    worsen: (driver) =>
      withMembers(driver, {
        start: async (signal) => void Promise.resolve().then(() => driver.start(signal).catch(() => {})),
      }),
  },
  {
    name: "start knows no signal",
    noticedBy: ["start: an aborted signal rejects it"],
    worsen: (driver) => withMembers(driver, { start: () => driver.start() }),
  },
  {
    name: "close does nothing",
    noticedBy: ["close: is idempotent, and nothing is told afterwards", "start: closing the driver rejects it"],
    worsen: (driver) => withMembers(driver, { close: async () => {} }),
  },
];

const WRITE_FAULTS: readonly Fault[] = [
  {
    name: "ifRevision is ignored",
    noticedBy: [
      "write: ifRevision is the revision of the entry",
      "write: ifRevision 0 creates, once",
      "concurrency: of many that create one key, one wins",
    ],
    worsen: (driver) => withStore(driver, (store) => ({ put: (key, value) => store.put(key, value) })),
  },
  {
    name: "a write is acknowledged and not made",
    noticedBy: [
      "durability: what was acknowledged survives a kill",
      "entry: any legal value comes back as it was written",
    ],
    worsen: (driver) => {
      let revision = 0;
      return withStore(driver, () => ({ put: async () => ++revision, delete: async () => ++revision }));
    },
  },
  {
    name: "values lose what follows a NUL",
    noticedBy: ["entry: any legal value comes back as it was written"],
    worsen: (driver) =>
      withStore(driver, (store) => ({
        put: (key, value, options) => store.put(key, value.split("\0")[0] ?? "", options),
      })),
  },
  {
    name: "keys differ in case only and meet",
    noticedBy: ["entry: any legal key is kept apart from all others"],
    worsen: (driver) =>
      withStore(driver, (store) => ({ put: (key, value, options) => store.put(key.toLowerCase(), value, options) })),
  },
];

const WATCH_FAULTS: readonly Fault[] = [
  {
    name: "changes come twice",
    noticedBy: ["watch: a snapshot, then the changes of every daemon once and in order"],
    worsen: (driver) =>
      withWatch(driver, (observer) => ({
        onSnapshot: (snapshot) => observer.onSnapshot(snapshot),
        onChange: (change) => {
          observer.onChange(change);
          observer.onChange(change);
        },
      })),
  },
  {
    name: "some changes are left out",
    noticedBy: [
      "watch: a snapshot, then the changes of every daemon once and in order",
      "watch: goes on after a kill, with what others wrote meanwhile",
    ],
    worsen: (driver) =>
      withWatch(driver, (observer) => ({
        onSnapshot: (snapshot) => observer.onSnapshot(snapshot),
        onChange: (change) => void (change.revision % 5 === 3 || observer.onChange(change)),
      })),
  },
  {
    name: "the snapshot is empty",
    noticedBy: ["watch: a late watcher gets everything in its snapshot"],
    worsen: (driver) =>
      withWatch(driver, (observer) => ({
        onSnapshot: (snapshot) => observer.onSnapshot({ ...snapshot, entries: new Map() }),
        onChange: (change) => observer.onChange(change),
      })),
  },
  {
    name: "an outage gives an old snapshot again",
    noticedBy: ["watch: goes on after a kill, with what others wrote meanwhile"],
    worsen: (driver) =>
      withStore(driver, (store) => ({
        watch: async (observer) => {
          let first: (() => void) | undefined;
          driver.link.onChange((link) => void (link.state === "up" && first?.()));
          return store.watch({
            onSnapshot: (snapshot) => {
              first ??= () => observer.onSnapshot(snapshot);
              observer.onSnapshot(snapshot);
            },
            onChange: (change) => observer.onChange(change),
          });
        },
      })),
  },
];

const LOSS_FAULTS: readonly Fault[] = [
  {
    name: "whoever restores second is told that it won",
    noticedBy: ["lost data: of two daemons that restore, one wins, and everything is back"],
    worsen: (driver) =>
      withStore(driver, (store) => ({
        restore: (replica, lost) =>
          store.restore(replica, lost).catch((error: unknown) => {
            if (isDiscoveryError(error, "revision_conflict")) return replica.revision + 1;
            throw error;
          }),
      })),
  },
  {
    name: "what is restored gets new revisions",
    noticedBy: ["lost data: of two daemons that restore, one wins, and everything is back"],
    worsen: (driver) =>
      withStore(driver, (store) => ({
        restore: (replica, lost) => {
          const renumbered = [...replica.entries].map(([key, entry], index) => [
            key,
            { ...entry, revision: index + 1 },
          ]);
          return store.restore({ ...replica, entries: new Map(renumbered as []) }, lost);
        },
      })),
  },
  {
    name: "a loss is not told",
    noticedBy: [
      "lost data: an empty return begins a fresh epoch",
      "wipe: everything goes, the epoch says so, the revision keeps rising",
    ],
    worsen: (driver) =>
      withWatch(driver, (observer) => {
        let epoch: string | undefined;
        return {
          onSnapshot: (snapshot) => {
            epoch ??= snapshot.epoch.id;
            if (epoch === snapshot.epoch.id) observer.onSnapshot(snapshot);
          },
          onChange: (change) => observer.onChange(change),
        };
      }),
  },
];

/** Drivers that break their promises. */
export const FAULTS: readonly Fault[] = [
  ...BUS_FAULTS,
  ...LIFE_FAULTS,
  ...WRITE_FAULTS,
  ...WATCH_FAULTS,
  ...LOSS_FAULTS,
];
