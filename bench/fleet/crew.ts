import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Cell } from "./cell.ts";

const PROGRAM = fileURLToPath(new URL("crew-process.ts", import.meta.url));

/** What the crew is told when it is started. */
export interface CrewOrder extends Cell {
  readonly url: string;
}

/** What the crew has to say when it is asked. */
export interface CrewReport {
  /** Messages that the listening daemons have heard. */
  readonly heard: number;
  /** The fewest hosts that one of them lists. */
  readonly listed: number;
}

/** All daemons of one cell, in a process of their own. */
export class Crew {
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  /** Starts the process and connects every daemon; none says anything yet. */
  static async connect(order: CrewOrder): Promise<Crew> {
    const child = fork(PROGRAM, [JSON.stringify(order)], { execArgv: [] });
    const crew = new Crew(child);
    await crew.#answer();
    return crew;
  }

  /** Has every daemon announce itself from now on, their beginnings spread over a keep-alive. */
  async announce(): Promise<void> {
    this.#process.send("announce");
    await this.#answer();
  }

  async report(): Promise<CrewReport> {
    this.#process.send("report");
    return this.#answer();
  }

  end(): void {
    this.#process.kill("SIGKILL");
  }

  async #answer(): Promise<CrewReport> {
    const ended = once(this.#process, "exit").then(() => {
      throw new Error("a process with daemons ended by itself");
    });
    const [report] = (await Promise.race([once(this.#process, "message"), ended])) as [CrewReport];
    return report;
  }
}
