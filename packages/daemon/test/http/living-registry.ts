import { LocalDriver, LocalHub } from "@org/discovery-driver-local";
import { Audit, Catalog, Leases, Registry, Replica } from "@org/discovery-core";
import { realClock, waitUntil } from "@org/discovery-test-servers";
import { onTestFinished } from "vitest";
import type { NotReady } from "../../src/http/not-ready.ts";
import type { RegistryView } from "../../src/http/registry-view.ts";
import { RecordingLog } from "../recording-log.ts";

/** A registry over the local driver, in memory. */
export interface LivingRegistry extends RegistryView {
  readonly audit: Audit;
  readonly replica: Replica;
  readonly driver: LocalDriver;
  /** What the view says from now on. */
  whyNotReady: NotReady | undefined;
}

/** Core's registry as the daemon composes it, for the test that runs. Resolves when it has been read. */
export async function livingRegistry(): Promise<LivingRegistry> {
  const clock = realClock;
  const log = new RecordingLog();
  const { random } = Math;
  const driver = new LocalDriver(new LocalHub(":memory:", random), { clock, log, random });
  const replica = new Replica({ clock, log, store: driver.store, settleMs: 0 });
  const leases = new Leases({ clock, link: driver.link, instance: "test" });
  const catalog = new Catalog({ replica, leases });
  const audit = new Audit({ clock, log, random, replica });
  const registry = new Registry({ clock, replica, catalog, leases, audit });
  await replica.start();
  await driver.start();
  onTestFinished(async () => {
    replica.stop();
    await driver.close();
  });
  await waitUntil("the registry was read", () => replica.live);
  const living: LivingRegistry = {
    ...{ catalog, registry, leases, audit, replica, driver },
    whyNotReady: undefined,
    notReady: () => living.whyNotReady,
    staleSeconds: () => undefined,
    refillFailure: () => replica.refillFailure,
    problems: () => catalog.problems(),
  };
  return living;
}
