import { describe, it } from "vitest";
import type { History, Step } from "./history.ts";
import { runHistory } from "./run-history.ts";
import { CALM } from "./weather.ts";

const start = (machine: number): Step => ({ do: "start", machine, labels: 0, saved: false, thenMs: 10 });

/** Histories that once broke a promise, as small as they could be made. */
const HISTORIES: Record<string, History> = {
  "a host goes though its beats are heard, for they speak of an announcement that was lost": {
    seed: 542_146_646,
    networks: 2,
    steps: [
      start(1),
      { ...start(0), thenMs: 15_000 },
      { do: "rename", machine: 0, thenMs: 1 },
      { do: "weather", conditions: { ...CALM, loss: 47 }, thenMs: 23_500 },
    ],
  },
};

describe("a history that once failed", () => {
  it.each(Object.entries(HISTORIES))("%s", (_, history) => runHistory(history));
});
