import type { CheckBody } from "./check.ts";
import { busChecks } from "./checks/bus.ts";
import { closeChecks } from "./checks/close.ts";
import { concurrencyChecks } from "./checks/concurrency.ts";
import { durabilityChecks } from "./checks/durability.ts";
import { entryChecks } from "./checks/entry.ts";
import { linkChecks } from "./checks/link.ts";
import { lostDataChecks } from "./checks/lost-data.ts";
import { outageBusChecks } from "./checks/outage-bus.ts";
import { outageWatchChecks } from "./checks/outage-watch.ts";
import { replicaChecks } from "./checks/replica.ts";
import { secondDaemonChecks } from "./checks/second-daemon.ts";
import { startChecks } from "./checks/start.ts";
import { startStoreChecks } from "./checks/start-store.ts";
import { watchChecks } from "./checks/watch.ts";
import { wipeChecks } from "./checks/wipe.ts";
import { writeChecks } from "./checks/write.ts";

const everyDriver = {
  ...busChecks,
  ...outageBusChecks,
  ...linkChecks,
  ...startChecks,
  ...closeChecks,
};

const driversWithStore = {
  ...writeChecks,
  ...entryChecks,
  ...concurrencyChecks,
  ...durabilityChecks,
  ...watchChecks,
  ...outageWatchChecks,
  ...secondDaemonChecks,
  ...lostDataChecks,
  ...wipeChecks,
  ...startStoreChecks,
  ...replicaChecks,
};

/** The name of a check. */
export type Check = keyof typeof everyDriver | keyof typeof driversWithStore;

/** One check, and whether it is for drivers with a store only. */
export interface NamedCheck {
  readonly name: Check;
  readonly run: CheckBody;
  readonly needsStore: boolean;
}

/** All checks, in the order in which they run. */
export function allChecks(): NamedCheck[] {
  return [...named(everyDriver, false), ...named(driversWithStore, true)];
}

function named(table: Partial<Record<Check, CheckBody>>, needsStore: boolean): NamedCheck[] {
  return Object.entries(table).map(([name, run]) => ({ name: name as Check, run, needsStore }));
}
