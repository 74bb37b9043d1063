import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock, Driver } from "@org/discovery-core";
import { realClock, waitUntil } from "@org/discovery-test-servers";
import { onTestFinished } from "vitest";
import type { Config } from "../../src/config/options.ts";
import { createDrivers } from "../../src/drivers/create-drivers.ts";
import { RegistryService } from "../../src/registry/registry-service.ts";
import { configFrom } from "../config/resolve-from.ts";
import { RecordingLog } from "../recording-log.ts";

export interface RegistryOptions {
  readonly argv?: readonly string[];
  /** Default: one of its own, gone after the test. */
  readonly folder?: string;
  /** Whether to wait until the registry was read from the backend. Default: true. */
  readonly live?: boolean;
  /** Default: the machine's own. */
  readonly clock?: Clock;
}

export interface RegistryUnderTest {
  readonly service: RegistryService;
  readonly driver: Driver;
  readonly config: Config;
  readonly log: RecordingLog;
  readonly folder: string;
  /** As a daemon stops. Called at the end of the test in any case. */
  stop(): Promise<void>;
}

/** The registry of a daemon without the daemon, over the driver that the flags say; by default on a database of its own. */
export async function registryUnderTest(options: RegistryOptions = {}): Promise<RegistryUnderTest> {
  const folder = options.folder ?? (await temporaryFolder());
  const config = configFrom({ argv: ["--data-dir", folder, ...(options.argv ?? [])] });
  const log = new RecordingLog();
  const surroundings = { clock: options.clock ?? realClock, log, random: Math.random, folder, settings: new Map() };
  const drivers = await createDrivers(config, surroundings);
  const service = await RegistryService.create(config, { ...surroundings, drivers });
  const driver = drivers[0]?.driver;
  if (service === undefined || driver === undefined) throw new Error("these flags give no registry");
  await service.start();
  const started = driver.start().catch(() => undefined);
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await service.stop();
    await driver.close();
    await started;
  };
  const stopOnce = (): Promise<void> => (stopped ??= stop());
  onTestFinished(stopOnce);
  if (options.live !== false) await waitUntil("the registry is live", () => service.replica.live, 20_000);
  return { service, driver, config, log, folder, stop: stopOnce };
}

/** Gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "discovery-registry-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
