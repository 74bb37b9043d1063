import type { FleetRecord, VirtualClock } from "../../src/index.ts";
import { daemon, KEEP_ALIVE_MS } from "./daemon-fixture.ts";
import { HISTORY_TTL_MS, OUR_MACHINES } from "./history.ts";
import { OriginalDaemon } from "./original-daemon.ts";
import type { Port, VirtualNetwork } from "./virtual-network.ts";

export interface MachineStart {
  readonly clock: VirtualClock;
  readonly networks: readonly VirtualNetwork[];
  /** Of this start's dice; a different one for each. */
  readonly seed: number;
  readonly hostname: string;
  readonly labels: string[];
  readonly saved?: readonly FleetRecord[] | undefined;
}

/** One machine from its start to its end, with our daemon or an original one. */
export class Machine {
  readonly number: number;
  readonly ports: readonly Port[];
  /** Our daemon, where it runs that. */
  readonly ours: ReturnType<typeof daemon> | undefined;
  readonly #original: OriginalDaemon | undefined;
  readonly #networks: readonly VirtualNetwork[];

  constructor(number: number, start: MachineStart) {
    const { clock, networks, seed, hostname, labels, saved } = start;
    this.number = number;
    this.#networks = networks;
    this.ports = networks.map((network) => network.port());
    if (number >= OUR_MACHINES) {
      for (const port of this.ports) port.up();
      this.#original = new OriginalDaemon(clock, this.ports[0]!, { hostname, labels });
      return;
    }
    const memory = saved === undefined ? {} : { saved };
    this.ours = daemon(clock, this.ports, { hostname, labels, seed, ttlMs: HISTORY_TTL_MS, ...memory });
  }

  get local(): { hostname: string; labels: string[] } {
    return (this.ours ?? this.#original!).local;
  }

  /** Connects and begins to announce. */
  async start(): Promise<void> {
    if (this.ours === undefined) return;
    for (const port of this.ports) port.up();
    await this.ours.presence.start();
  }

  async announce(): Promise<void> {
    this.#original?.announce();
    await this.ours?.presence.announce();
  }

  /** Says goodbye and ends. */
  async leave(): Promise<void> {
    this.#original?.leave();
    await this.ours?.presence.stop();
    this.#unplug();
  }

  /** Ends without a word. */
  async crash(): Promise<void> {
    this.#unplug();
    this.#original?.crash();
    await this.ours?.presence.stop();
  }

  /** When a link of it last came up, in monotonic milliseconds; `undefined` while one is not up. */
  get upSince(): number | undefined {
    if (this.ports.some((port) => !port.isConnected || port.link.state === "down")) return undefined;
    return Math.max(...this.ports.map((port) => port.link.since));
  }

  #unplug(): void {
    for (const [index, port] of this.ports.entries()) this.#networks[index]?.unplug(port);
  }
}

/** The time that is left for a host to be noticed missing after its TTL: proof of the link, and the sweep. */
export const NOTICE_MS = 4000;

/** The time in which everybody who is alive has spoken, been asked, and answered. */
export const TWO_KEEP_ALIVES_MS = 2 * KEEP_ALIVE_MS;
