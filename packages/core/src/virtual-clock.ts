import type { Cancel, Clock } from "./clock.ts";

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** Microtask turns given to promise chains after each timer; deep enough for any chain in this project. */
const TURNS = 25;

/** A clock that moves only when told. For tests. */
export class VirtualClock implements Clock {
  #monotonic = 0;
  #wallOffset: number;
  /** By time; those of one time in the order in which they were set. */
  readonly #timers: Timer[] = [];

  constructor(wallStart = Date.UTC(2026, 0, 1)) {
    this.#wallOffset = wallStart;
  }

  now(): number {
    return this.#wallOffset + this.#monotonic;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(delayMs: number, run: () => void): Cancel {
    const timer: Timer = { at: this.#monotonic + Math.max(0, delayMs), run };
    this.#timers.splice(this.#firstAfter(timer.at), 0, timer);
    return () => this.#drop(timer);
  }

  /** How many timers are pending; 0 after everything was closed. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Steps the wall clock alone, as an operator or NTP would. */
  stepWall(byMs: number): void {
    this.#wallOffset += byMs;
  }

  /** Lets `byMs` pass: runs every timer that falls due, in order, and the promises each one settles. */
  async advance(byMs: number): Promise<void> {
    const end = this.#monotonic + byMs;
    await settle();
    for (let timer = this.#timers[0]; timer !== undefined && timer.at <= end; timer = this.#timers[0]) {
      this.#timers.shift();
      this.#monotonic = Math.max(this.#monotonic, timer.at);
      timer.run();
      await settle();
    }
    this.#monotonic = end;
  }

  #drop(timer: Timer): void {
    const index = this.#timers.lastIndexOf(timer, this.#firstAfter(timer.at) - 1);
    if (index !== -1) this.#timers.splice(index, 1);
  }

  /** Index of the first timer that is due later than `at`. */
  #firstAfter(at: number): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#timers[middle]?.at ?? Number.POSITIVE_INFINITY) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await Promise.resolve();
}
