import { describe, it } from "vitest";
import type { History, Step } from "./history.ts";
import { runHistory } from "./run-history.ts";
import { CALM } from "./weather.ts";

const start = (machine: number) => ({ do: "start", machine, labels: 0, saved: false, thenMs: 10 }) satisfies Step;

/** Histories that once broke a promise, as small as they could be made. */
const HISTORIES: Record<string, History> = {
  "a host goes though its beats are heard, for they speak of an announcement that was lost": {
    seed: 0,
    networks: 1,
    steps: [
      start(1),
      start(0),
      { do: "relabel", machine: 0, labels: 1, atOnce: false, thenMs: 0 },
      { do: "weather", conditions: { ...CALM, loss: 60 }, thenMs: 25_000 },
    ],
  },
  "labels change and change back, the last is lost, and the first change comes late": {
    seed: 0,
    networks: 1,
    steps: [
      start(0),
      start(1),
      { do: "relabel", machine: 0, labels: 0, atOnce: false, thenMs: 6000 },
      { do: "weather", conditions: { ...CALM, delayMs: 15_000 }, thenMs: 0 },
      { do: "relabel", machine: 0, labels: 1, atOnce: true, thenMs: 1 },
      { do: "weather", conditions: { ...CALM, loss: 80 }, thenMs: 0 },
      { do: "relabel", machine: 0, labels: 0, atOnce: true, thenMs: 10 },
    ],
  },
  "a host is known under its new name from an answer, before it said so itself": {
    seed: 0,
    networks: 1,
    steps: [
      { ...start(0), thenMs: 0 },
      { ...start(3), thenMs: 30 },
      { do: "rename", machine: 3, thenMs: 0 },
      { do: "link", machine: 0, link: 0, fault: "freeze", thenMs: 0 },
      { do: "weather", conditions: { ...CALM, delayMs: 15_000 }, thenMs: 1301 },
      { do: "rename", machine: 0, thenMs: 96 },
      { ...start(0), thenMs: 2 },
      { do: "leave", machine: 1, thenMs: 3571 },
    ],
  },
};

describe("a history that once failed", () => {
  it.each(Object.entries(HISTORIES))("%s", (_, history) => runHistory(history));
});
