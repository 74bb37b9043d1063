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
  #timers = new Set<Timer>();

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
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** How many timers are pending; 0 after everything was closed. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Steps the wall clock alone, as an operator or NTP would. */
  stepWall(byMs: number): void {
    this.#wallOffset += byMs;
  }

  /** Lets `byMs` pass: runs every timer that falls due, in order, and the promises each one settles. */
  async advance(byMs: number): Promise<void> {
    const end = this.#monotonic + byMs;
    await settle();
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#timers.delete(timer);
      this.#monotonic = Math.max(this.#monotonic, timer.at);
      timer.run();
      await settle();
    }
    this.#monotonic = end;
  }

  #next(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.at <= end && (first === undefined || timer.at < first.at)) first = timer;
    }
    return first;
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await Promise.resolve();
}
