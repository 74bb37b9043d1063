import { sleep, type Clock, type Driver, type Store } from "@org/discovery-core";
import { assertThat } from "./assert.ts";
import type { TestBackend } from "./backend.ts";
import { Recorder } from "./recorder.ts";

/** A driver that keeps things. */
export type Keeper = Driver & { readonly store: Store };

const POLL_MS = 10;
/** The most that one look counts. It takes longer only where the machine let this process stand still, or the backend that is asked. */
const LONGEST_LOOK_MS = 30;
const PATIENCE_MS = 10_000;
const DEFAULT_GAP = 300;

/** Limits that the driver contract sets, in milliseconds in which the driver could run. */
export const DOWN_WITHIN_MS = 5_000;
const UP_WITHIN_MS = 2_000;

/** One check's backend, and the drivers that it connected to it. */
export class Arena {
  readonly backend: TestBackend;
  readonly clock: Clock;
  /** How many changes to write to outrun the history the backend keeps. */
  readonly gap: number;
  readonly #drivers: Driver[] = [];

  /** @param history how many changes the backend keeps, if known. */
  constructor(backend: TestBackend, clock: Clock, history: number | undefined) {
    this.backend = backend;
    this.clock = clock;
    this.gap = history === undefined ? DEFAULT_GAP : history * 2 + 50;
  }

  /** A driver that is not started. */
  connect(): Driver {
    const driver = this.backend.connect();
    this.#drivers.push(driver);
    return driver;
  }

  /** A driver that is not started and keeps things. */
  connectKeeper(): Keeper {
    const driver = this.connect();
    assertThat(isKeeper(driver), "the driver has a store one time and none another time");
    return driver;
  }

  /** A driver that is up. */
  async daemon(): Promise<Driver> {
    const driver = this.connect();
    await this.within(driver.start(), "start()");
    return driver;
  }

  /** A driver that is up and keeps things. */
  async keeper(): Promise<Keeper> {
    const driver = this.connectKeeper();
    await this.within(driver.start(), "start()");
    return driver;
  }

  /** What the store tells a watcher, from its first snapshot on. */
  async watch(driver: Keeper): Promise<Recorder> {
    const recorder = new Recorder();
    await this.within(driver.store.watch(recorder), "watch()");
    await this.until("the first snapshot", () => recorder.snapshots.length > 0);
    return recorder;
  }

  /** Waits for the recorder to have been told of a revision. */
  async reached(recorder: Recorder, revision: number, withinMs = PATIENCE_MS): Promise<void> {
    await this.until(`revision ${revision} at a watcher`, () => recorder.revision >= revision, withinMs);
  }

  /** Waits for a condition; fails when it does not hold in time. */
  async until(what: string, condition: () => boolean, withinMs = PATIENCE_MS): Promise<void> {
    for (let waited = 0; !condition(); waited += await this.#look()) {
      assertThat(waited < withinMs, `waited ${withinMs} ms in vain for ${what}`);
    }
  }

  /** Passes the promise on; fails when it does not settle in time. */
  within<Result>(promise: Promise<Result>, what: string, withinMs = PATIENCE_MS): Promise<Result> {
    let settled = false;
    const done = promise.finally(() => {
      settled = true;
    });
    const timely = async (): Promise<Result> => {
      for (let waited = 0; !settled; waited += await this.#look()) {
        assertThat(waited < withinMs, `${what} did not settle within ${withinMs} ms`);
      }
      return promise;
    };
    return Promise.race([done, timely()]);
  }

  /** A promise that the check awaits later: where the check fails before, its rejection is no news. */
  later<Result>(promise: Promise<Result>): Promise<Result> {
    promise.catch(() => {});
    return promise;
  }

  /** Gives what should not happen the time to happen. */
  pause(ms: number): Promise<void> {
    return sleep(this.clock, ms);
  }

  /** Kills the backend and waits for the drivers to notice. */
  async kill(...drivers: Driver[]): Promise<void> {
    await this.backend.kill();
    await this.down(...drivers);
  }

  /** Freezes the backend and waits for the drivers to notice. */
  async freeze(...drivers: Driver[]): Promise<void> {
    assertThat(this.backend.freeze !== undefined, "the backend has no freeze(): give the reason in skips");
    await this.backend.freeze();
    await this.down(...drivers);
  }

  /** Lets a frozen backend go on and waits for the drivers to be back. */
  async thaw(...drivers: Driver[]): Promise<void> {
    assertThat(this.backend.thaw !== undefined, "the backend has freeze() but no thaw()");
    await this.backend.thaw();
    await this.up(...drivers);
  }

  /** Runs a killed backend again, with its data, and waits for the drivers to be back. */
  async restart(...drivers: Driver[]): Promise<void> {
    await this.backend.start();
    await this.up(...drivers);
  }

  /** Waits for every link to be up; fails after the limit of the contract. */
  async up(...drivers: Driver[]): Promise<void> {
    await this.#promptly("the link is not up", () => drivers.every((driver) => driver.link.state === "up"));
  }

  /** Passes on a `start()` for which the backend is there by now; fails after the limit of the contract. */
  async started(starting: Promise<void>): Promise<void> {
    let settled = false;
    const settle = (): void => void (settled = true);
    starting.then(settle, settle);
    await this.#promptly("start() has not settled", () => settled);
    await starting;
  }

  /** Waits for every link to be down; fails after the limit of the contract. */
  async down(...drivers: Driver[]): Promise<void> {
    const allDown = (): boolean => drivers.every((driver) => driver.link.state === "down");
    await this.until("the link to be down", allDown, DOWN_WITHIN_MS);
  }

  async #promptly(otherwise: string, condition: () => boolean): Promise<void> {
    for (let waited = 0; !condition(); waited += await this.#look(() => this.backend.answers?.())) {
      assertThat(waited < UP_WITHIN_MS, `${otherwise} ${UP_WITHIN_MS} ms after the backend was back`);
    }
  }

  /** Waits a moment, and for whoever is asked meanwhile; returns how much of it counts. */
  async #look(ask: () => Promise<unknown> | undefined = () => undefined): Promise<number> {
    const begun = this.clock.monotonic();
    await sleep(this.clock, POLL_MS);
    await ask()?.catch(() => {});
    return Math.min(this.clock.monotonic() - begun, LONGEST_LOOK_MS);
  }

  /** Closes the drivers, then the backend. */
  async close(): Promise<void> {
    const closings = await Promise.allSettled(this.#drivers.map((driver) => this.within(driver.close(), "close()")));
    await this.backend.close();
    for (const closing of closings) if (closing.status === "rejected") throw closing.reason;
  }
}

/** Whether the driver keeps things. */
export function isKeeper(driver: Driver): driver is Keeper {
  return driver.store !== undefined;
}
