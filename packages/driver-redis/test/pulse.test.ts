import { VirtualClock, type Cancel, type Clock } from "@org/discovery-core";
import { expect, test } from "vitest";
import { takePulse } from "../src/pulse.ts";

/** The clock of a process that stands still: what fell due meanwhile runs when it goes on, and nothing else. */
class StandstillClock implements Clock {
  #time = 0;
  #timers: { readonly at: number; readonly run: () => void }[] = [];

  now = (): number => this.#time;
  monotonic = (): number => this.#time;

  after(delayMs: number, run: () => void): Cancel {
    const timer = { at: this.#time + delayMs, run };
    this.#timers.push(timer);
    return () => void (this.#timers = this.#timers.filter((each) => each !== timer));
  }

  standStill(ms: number): void {
    this.#time += ms;
    const due = this.#timers.filter(({ at }) => at <= this.#time);
    this.#timers = this.#timers.filter(({ at }) => at > this.#time);
    for (const { run } of due) run();
  }
}

/** A connection that answers when told. */
class Peer {
  readonly #clock = new VirtualClock();
  readonly seen: string[] = [];
  bytes = 0;
  #answers: PromiseWithResolvers<void>[] = [];
  readonly stop = takePulse(
    { ping: () => this.#ping(), received: () => this.bytes },
    {
      clock: this.#clock,
      intervalMs: 500,
      timeoutMs: 2000,
      onAnswer: () => void this.seen.push(`answer ${this.#clock.monotonic()}`),
      onSilence: (thrown) => void this.seen.push(`${String(thrown)} ${this.#clock.monotonic()}`),
    },
  );

  get pending(): number {
    return this.#clock.pending;
  }

  async pass(ms: number): Promise<void> {
    await this.#clock.advance(ms);
  }

  answer(error?: Error): void {
    const next = this.#answers.shift();
    if (error === undefined) next?.resolve();
    else next?.reject(error);
  }

  #ping(): Promise<void> {
    this.seen.push(`ping ${this.#clock.monotonic()}`);
    const answer = Promise.withResolvers<void>();
    this.#answers.push(answer);
    return answer.promise;
  }
}

test("it asks an interval after each answer", async () => {
  const peer = new Peer();
  await peer.pass(600);
  peer.answer();
  await peer.pass(500);
  expect(peer.seen).toEqual(["ping 500", "answer 600", "ping 1100"]);
});

test("no answer in time is silence, told once", async () => {
  const peer = new Peer();
  await peer.pass(10_000);
  peer.answer();
  await peer.pass(10_000);
  expect(peer.seen).toEqual(["ping 500", "Error: no answer within 2000 ms 2500"]);
  expect(peer.pending).toBe(0);
});

test("an answer that waits behind a long one is not missing while that is coming in", async () => {
  const peer = new Peer();
  await peer.pass(2000);
  peer.bytes = 1_000_000;
  await peer.pass(2000);
  peer.answer();
  await peer.pass(100);
  expect(peer.seen).toEqual(["ping 500", "answer 4000"]);
});

test("a process that stood still reads what was answered meanwhile before it judges", async () => {
  const clock = new StandstillClock();
  const answer = Promise.withResolvers<void>();
  const seen: string[] = [];
  const stop = takePulse(
    { ping: () => answer.promise, received: () => 0 },
    {
      ...{ clock, intervalMs: 500, timeoutMs: 2000 },
      onAnswer: () => void seen.push("answer"),
      onSilence: (thrown) => void seen.push(String(thrown)),
    },
  );
  clock.standStill(500);
  clock.standStill(60_000);
  answer.resolve();
  await answer.promise;
  expect(seen).toEqual(["answer"]);
  stop();
});

test("an answer that is an error ends it", async () => {
  const peer = new Peer();
  await peer.pass(500);
  peer.answer(new Error("LOADING"));
  await peer.pass(5000);
  expect(peer.seen).toEqual(["ping 500", "Error: LOADING 500"]);
});

test("stopped, it leaves no timer and says nothing", async () => {
  const peer = new Peer();
  await peer.pass(500);
  peer.stop();
  peer.answer();
  await peer.pass(5000);
  expect(peer.seen).toEqual(["ping 500"]);
  expect(peer.pending).toBe(0);
});
