import { seededRandom } from "./daemon-fixture.ts";

/** What the network does to each copy of a message. */
export interface Conditions {
  /** Share of messages that are lost, in percent. */
  readonly loss: number;
  /** Share of messages that arrive twice, in percent. */
  readonly doubling: number;
  /** Longest delay, in milliseconds. Each copy draws its own, so that they overtake each other. */
  readonly delayMs: number;
}

export const CALM: Conditions = { loss: 0, doubling: 0, delayMs: 1 };

/** The state of a network between machines that are named by numbers: its conditions, and who is cut off from whom. */
export class Weather {
  conditions: Conditions = CALM;
  /** One bit per machine: which of two sides it is on. 0: the network is whole. */
  sides = 0;
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** The delays of the copies that arrive. */
  carry(from: number, to: number): number[] {
    if (((this.sides >> from) & 1) !== ((this.sides >> to) & 1)) return [];
    const { loss, doubling, delayMs } = this.conditions;
    if (this.#random() * 100 < loss) return [];
    const delay = (): number => 1 + this.#random() * (delayMs - 1);
    return this.#random() * 100 < doubling ? [delay(), delay()] : [delay()];
  }
}
