import { realClock } from "@org/discovery-test-servers";
import { sleep } from "@org/discovery-core";
import { type Backend, type Counters, startBackend } from "./backend.ts";
import type { Cell } from "./cell.ts";
import { Crew, type CrewReport } from "./crew.ts";

/** Everything per second. */
export interface Rates {
  readonly messagesIn: number;
  readonly bytesIn: number;
  readonly messagesOut: number;
  readonly bytesOut: number;
}

export interface Measurement {
  readonly cell: Cell;
  /** While everybody is connected and nobody speaks: what the links cost to be proven. */
  readonly idle: Rates;
  /** While everybody announces itself, without what the links cost. */
  readonly announcing: Rates;
}

interface Reading extends Counters, CrewReport {
  readonly at: number;
}

/** A cell that is connected. */
export class Measuring {
  readonly #cell: Cell;
  readonly #backend: Backend;
  readonly #crew: Crew;
  #idle: Rates | undefined;

  private constructor(cell: Cell, backend: Backend, crew: Crew) {
    this.#cell = cell;
    this.#backend = backend;
    this.#crew = crew;
  }

  static async connect(cell: Cell): Promise<Measuring> {
    const backend = await startBackend(cell.backend);
    try {
      return new Measuring(cell, backend, await Crew.connect({ ...cell, url: backend.url }));
    } catch (error) {
      await backend.stop();
      throw error;
    }
  }

  async idle(windowMs: number): Promise<void> {
    this.#idle = await this.#over(windowMs);
  }

  announce(): Promise<void> {
    return this.#crew.announce();
  }

  /** Throws where a daemon that listens does not list everybody: then something else was measured. */
  async announcing(windowMs: number): Promise<Measurement> {
    const rates = await this.#over(windowMs);
    const { listed } = await this.#crew.report();
    const { daemons, backend, format } = this.#cell;
    if (listed !== daemons) throw new Error(`${backend}, ${format}: expected ${daemons} hosts listed, got ${listed}`);
    const idle = this.#idle ?? { messagesIn: 0, bytesIn: 0, messagesOut: 0, bytesOut: 0 };
    return { cell: this.#cell, idle, announcing: minus(rates, idle) };
  }

  async end(): Promise<void> {
    this.#crew.end();
    await this.#backend.stop();
  }

  async #over(windowMs: number): Promise<Rates> {
    const before = await this.#read();
    await sleep(realClock, windowMs);
    const after = await this.#read();
    // Ports are free for all: a client of something else that ran here before may find this server.
    if (after.clients !== before.clients) {
      throw new Error(
        `expected the same ${before.clients} clients to the end, got ${after.clients}: somebody else is here`,
      );
    }
    const rate = (counter: keyof Reading): number =>
      ((after[counter] - before[counter]) * 1000) / (after.at - before.at);
    return {
      messagesIn: rate("messagesIn"),
      bytesIn: rate("bytesIn"),
      messagesOut: rate("heard"),
      bytesOut: rate("bytesOut"),
    };
  }

  async #read(): Promise<Reading> {
    const [counters, report] = await Promise.all([this.#backend.counters(), this.#crew.report()]);
    return { ...counters, ...report, at: performance.now() };
  }
}

function minus(left: Rates, right: Rates): Rates {
  return {
    messagesIn: left.messagesIn - right.messagesIn,
    bytesIn: left.bytesIn - right.bytesIn,
    messagesOut: left.messagesOut - right.messagesOut,
    bytesOut: left.bytesOut - right.bytesOut,
  };
}
