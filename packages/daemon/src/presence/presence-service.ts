import {
  type Announcement,
  type Cancel,
  type Clock,
  every,
  type DepartureRules,
  type Leases,
  lobbyListNames,
  type Log,
  packableLabels,
  Presence,
  type SigningRule,
} from "@org/discovery-core";
import { hostname as machineHostname } from "node:os";
import type { Config } from "../config/options.ts";
import type { HostedDriver } from "../drivers/create-drivers.ts";
import { LocalLabels } from "../labels/local-labels.ts";
import type { Metrics } from "../metrics.ts";
import { FleetFile } from "./fleet-file.ts";
import { PresenceReporter } from "./presence-reporter.ts";
import { RateLimitedLog } from "./rate-limited-log.ts";

export interface PresenceServiceOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly metrics: Metrics;
  readonly drivers: readonly HostedDriver[];
  /** The leases whose renewals travel with the announcements; `undefined` where there is no registry. */
  readonly leases: Leases | undefined;
}

/** How often the fleet is saved, in milliseconds. What a crash loses is asked from a peer or heard again. */
const SAVE_EVERY_MS = 10_000;

/** Core's presence with what it needs of this machine: the hostname, the label files, and a file that remembers the fleet. */
export class PresenceService {
  readonly presence: Presence;
  readonly labels: LocalLabels;
  /** This host as it is announced. */
  readonly local: () => Promise<Announcement>;
  readonly #listen: boolean;
  readonly #clock: Clock;
  readonly #fleetFile: FleetFile;
  #cancelSave: Cancel = () => {};

  private constructor(
    listen: boolean,
    clock: Clock,
    parts: Pick<PresenceService, "presence" | "labels" | "local"> & { fleetFile: FleetFile },
  ) {
    this.#listen = listen;
    this.#clock = clock;
    this.presence = parts.presence;
    this.labels = parts.labels;
    this.local = parts.local;
    this.#fleetFile = parts.fleetFile;
  }

  /** Reads what was saved; starts nothing. */
  static async create(config: Config, options: PresenceServiceOptions): Promise<PresenceService> {
    const { clock, log, random, metrics, drivers, leases } = options;
    const fleetFile = new FleetFile({ clock, log, folder: config.driver.dataDir, origin: originOf(drivers) });
    const labels = new LocalLabels({
      environment: config.presence.labels,
      folder: config.presence.labelsPath,
      runtimeFilename: config.presence.runtimeLabelsFilename,
      log,
    });
    const limitedLog = new RateLimitedLog(clock, log);
    const local = (): Promise<Announcement> => announcement(config.presence, labels, limitedLog);
    const presence = new Presence({
      ...config.presence,
      clock,
      random,
      sources: drivers.map(({ driver, channel }) => ({
        name: driver.name,
        bus: driver.bus,
        link: driver.link,
        channel,
      })),
      observer: new PresenceReporter(metrics, limitedLog),
      local,
      ...departures(config.guard),
      ...signing(config.signing),
      ...(leases === undefined ? {} : { leases }),
      saved: await fleetFile.read(),
    });
    return new PresenceService(config.presence.listen, clock, { presence, labels, local, fleetFile });
  }

  async start(): Promise<void> {
    await this.presence.start();
    if (this.#listen) this.#cancelSave = every(this.#clock, SAVE_EVERY_MS, () => void this.#save());
  }

  /** Says goodbye, and saves the fleet for the next start. */
  async stop(): Promise<void> {
    this.#cancelSave();
    await this.presence.stop();
    if (this.#listen) await this.#save();
  }

  async #save(): Promise<void> {
    await this.#fleetFile.write(this.presence.records());
  }
}

async function announcement(
  config: Config["presence"],
  local: LocalLabels,
  log: RateLimitedLog,
): Promise<Announcement> {
  const all = { hostname: config.hostname ?? machineHostname(), labels: await local.read() };
  // Other daemons drop a longer packet, and the host with it.
  const labels = packableLabels(all);
  if (labels.length < all.labels.length) {
    const fields = { announced: labels.length, labels: all.labels.length };
    log.warn("long labels", fields, "the labels are too long for one packet; the last ones are not announced");
  }
  return { ...all, labels };
}

function originOf(drivers: readonly HostedDriver[]): string {
  return drivers.map(({ driver, channel }) => `${driver.name} ${channel}`).join(", ");
}

function departures({ share, holdMs, lingerMs }: Config["guard"]): DepartureRules {
  return { guard: { share, holdMs }, lingerMs, listsOf: lobbyListNames };
}

function signing({ keys, mode, windowMs }: Config["signing"]): { signing?: SigningRule } {
  return keys.length === 0 ? {} : { signing: { keys, windowMs, enforce: mode === "enforce" } };
}
