import { type FleetRecord, VirtualClock } from "../../src/index.ts";
import { KEEP_ALIVE_MS } from "./daemon-fixture.ts";
import { HISTORY_TTL_MS, type History, type LinkFault, MACHINES, OUR_MACHINES, type Step } from "./history.ts";
import { Machine, NOTICE_MS } from "./machine.ts";
import { type Carriage, type Port, VirtualNetwork } from "./virtual-network.ts";
import { CALM, Weather } from "./weather.ts";
import { Witness } from "./witness.ts";

/** What outlives the process that runs on a machine. */
interface Chassis {
  running: Machine | undefined;
  renamed: boolean;
  labels: number;
  disk: readonly FleetRecord[] | undefined;
  /** Monotonic milliseconds at which the last message that it sent arrives somewhere. */
  lastArrival: number;
  /** The greatest incarnation that it may have announced. */
  incarnation: number;
  /** Whether its present incarnation is surely greater than all before: it is the wall clock's word. */
  outranksItself: boolean;
}

/** A fleet to which a history happens. */
export class HistoryWorld {
  readonly clock = new VirtualClock();
  readonly witness = new Witness(this.clock);
  readonly #weather: Weather;
  readonly #networks: readonly VirtualNetwork[];
  readonly #numbers = new Map<Port, number>();
  readonly #seed: number;
  #starts = 0;
  readonly #chassis: readonly Chassis[] = Array.from({ length: MACHINES }, () => ({
    running: undefined,
    renamed: false,
    labels: 0,
    disk: undefined,
    lastArrival: 0,
    incarnation: 0,
    outranksItself: true,
  }));

  constructor({ seed, networks }: Pick<History, "seed" | "networks">) {
    this.#seed = seed;
    this.#weather = new Weather(seed);
    const options = {
      carry: (carriage: Carriage) => this.#carry(carriage),
      hand: (carriage: Carriage, receive: () => void) => this.witness.hand(carriage, receive),
    };
    this.#networks = Array.from({ length: networks }, () => new VirtualNetwork(this.clock, options));
  }

  /** Everything that runs. */
  get machines(): Machine[] {
    return this.#chassis.flatMap(({ running }) => running ?? []);
  }

  /** Those of them that know the fleet. */
  get ours(): Machine[] {
    return this.machines.filter(({ ours }) => ours !== undefined);
  }

  /** Monotonic milliseconds at which the last message arrives that is, or was, on its way. */
  get lastArrival(): number {
    return Math.max(...this.#chassis.map(({ lastArrival }) => lastArrival));
  }

  lastArrivalFrom(machine: Machine): number {
    return this.#chassis[machine.number]!.lastArrival;
  }

  /** Whether nothing of an earlier start of it can be taken for newer. */
  outranksItself(machine: Machine): boolean {
    return this.#chassis[machine.number]!.outranksItself;
  }

  async apply(step: Step): Promise<void> {
    await this.#do(step);
    await this.clock.advance(step.thenMs);
    this.#findDead();
  }

  /** Ends every fault, except that what is on its way still arrives. */
  heal(): void {
    this.#weather.conditions = CALM;
    this.#weather.sides = 0;
    this.#allLinks("up");
  }

  async close(): Promise<void> {
    for (const machine of this.machines) await machine.crash();
  }

  async #do(step: Step): Promise<void> {
    switch (step.do) {
      case "start":
        return this.#start(step);
      case "relabel":
        return this.#relabel(step);
      case "rename":
        this.#rename(step.machine);
        return;
      case "leave":
      case "crash":
        return this.#end(step.machine, step.do);
      case "partition":
        this.#weather.sides = step.sides;
        return;
      case "weather":
        this.#weather.conditions = step.conditions;
        return;
      case "link":
        this.#link(this.#chassis[step.machine]?.running, step.link, step.fault);
        return;
      case "all links":
        this.#allLinks(step.fault);
        return;
      case "step wall clock":
        this.clock.stepWall(step.byMs);
    }
  }

  async #start({ machine: number, labels, saved }: Step & { do: "start" }): Promise<void> {
    const chassis = this.#chassis[number]!;
    if (chassis.running !== undefined) return;
    chassis.labels = labels;
    const now = Math.floor(this.clock.now());
    chassis.outranksItself = now > chassis.incarnation;
    chassis.incarnation = Math.max(now, chassis.incarnation + 1);
    this.#starts += 1;
    const remembered = saved ? chassis.disk : undefined;
    const machine = new Machine(number, {
      clock: this.clock,
      networks: number < OUR_MACHINES ? this.#networks : this.#networks.slice(0, 1),
      seed: this.#seed + this.#starts,
      hostname: hostnameOf(number, chassis.renamed),
      labels: labelsOf(labels),
      saved: remembered,
    });
    for (const port of machine.ports) this.#numbers.set(port, number);
    chassis.running = machine;
    this.witness.add(machine, remembered ?? []);
    await machine.start();
  }

  async #relabel({ machine, labels, atOnce }: Step & { do: "relabel" }): Promise<void> {
    const { running } = this.#chassis[machine]!;
    if (running === undefined) return;
    running.local.labels = labelsOf(labels);
    if (atOnce) await running.announce();
  }

  #rename(machine: number): void {
    const chassis = this.#chassis[machine]!;
    chassis.renamed = !chassis.renamed;
    if (chassis.running !== undefined) chassis.running.local.hostname = hostnameOf(machine, chassis.renamed);
  }

  async #end(number: number, how: "leave" | "crash"): Promise<void> {
    const chassis = this.#chassis[number]!;
    const machine = chassis.running;
    if (machine === undefined) return;
    chassis.running = undefined;
    chassis.disk = machine.ours?.presence.records();
    this.witness.remove(machine);
    await machine[how]();
  }

  #allLinks(fault: LinkFault): void {
    for (const machine of this.machines) for (const link of machine.ports.keys()) this.#link(machine, link, fault);
  }

  #link(machine: Machine | undefined, link: number, fault: LinkFault): void {
    if (machine === undefined) return;
    this.witness.forgetSilent(machine);
    machine.ports[link % machine.ports.length]?.[fault]();
  }

  #carry({ from, to }: Carriage): number[] {
    const number = this.#numbers.get(from!)!;
    const listener = this.#numbers.get(to)!;
    if (listener >= OUR_MACHINES) return [];
    const delays = this.#weather.carry(number, listener);
    const chassis = this.#chassis[number]!;
    for (const delayMs of delays) {
      chassis.lastArrival = Math.max(chassis.lastArrival, this.clock.monotonic() + delayMs);
    }
    return delays;
  }

  /** No dead machine may be listed for longer than its TTL after the last that could be heard of it. */
  #findDead(): void {
    const now = this.clock.monotonic();
    for (const { ours, upSince } of this.ours) {
      for (const name of upSince === undefined ? [] : ours!.names()) {
        const chassis = this.#chassis[numberOf(name)]!;
        // A peer's answer to a daemon that starts may itself be late, up to the keep-alive period in which it is awaited.
        const lastHeard = Math.max(chassis.lastArrival, upSince! + KEEP_ALIVE_MS);
        const over = now - (lastHeard + HISTORY_TTL_MS + NOTICE_MS);
        if (chassis.running !== undefined || over <= 0) continue;
        this.witness.findings.push(`at ${now} ms ${ours!.local.hostname} lists ${name}, dead for ${over} ms too long`);
      }
    }
  }
}

function hostnameOf(machine: number, renamed: boolean): string {
  return `m${machine}${renamed ? "-renamed" : ""}`;
}

function numberOf(hostname: string): number {
  return Number(hostname.slice(1, 2));
}

function labelsOf(labels: number): string[] {
  return labels === 0 ? [] : [`version:${labels}`];
}
