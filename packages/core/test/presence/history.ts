import fc from "fast-check";
import { KEEP_ALIVE_MS } from "./daemon-fixture.ts";
import type { Conditions } from "./weather.ts";

/** Short, so that histories are: three keep-alives. */
export const HISTORY_TTL_MS = 3 * KEEP_ALIVE_MS;

/** Machines 0 to 3 run our daemon, the others an original one. */
export const OUR_MACHINES = 4;
export const MACHINES = 6;

export type LinkFault = "down" | "freeze" | "up";

/** What happens to a fleet. What makes no sense at the time, such as the crash of a machine that is off, does nothing. */
export type Deed =
  | { readonly do: "start"; readonly machine: number; readonly labels: number; readonly saved: boolean }
  | { readonly do: "relabel"; readonly machine: number; readonly labels: number; readonly atOnce: boolean }
  | { readonly do: "rename"; readonly machine: number }
  | { readonly do: "leave"; readonly machine: number }
  | { readonly do: "crash"; readonly machine: number }
  | { readonly do: "partition"; readonly sides: number }
  | { readonly do: "weather"; readonly conditions: Conditions }
  | { readonly do: "link"; readonly machine: number; readonly link: number; readonly fault: LinkFault }
  | { readonly do: "all links"; readonly fault: LinkFault }
  | { readonly do: "step wall clock"; readonly byMs: number };

/** A deed, and how many milliseconds pass after it. */
export type Step = Deed & { readonly thenMs: number };

export interface History {
  /** Of the network's dice and the daemons'. */
  readonly seed: number;
  /** How many networks every machine of ours is on; original daemons know one. */
  readonly networks: 1 | 2;
  readonly steps: readonly Step[];
}

const machine = fc.nat(MACHINES - 1);
const labels = fc.nat(2);
const fault = fc.constantFrom<LinkFault>("down", "freeze", "up");
const percent = fc.oneof(fc.constant(0), fc.nat(80));
const conditions: fc.Arbitrary<Conditions> = fc.record({
  loss: percent,
  doubling: percent,
  delayMs: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: HISTORY_TTL_MS }), fc.constant(HISTORY_TTL_MS)),
});

const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("start" as const), machine, labels, saved: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("relabel" as const), machine, labels, atOnce: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("rename" as const), machine }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("leave" as const), machine }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("crash" as const), machine }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("partition" as const), sides: fc.nat(2 ** MACHINES - 1) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("weather" as const), conditions }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("link" as const), machine, link: fc.nat(1), fault }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("all links" as const), fault }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("step wall clock" as const),
      byMs: fc.constantFrom(-3_600_000, -1000, 1000, 3_600_000),
    }),
  },
);

const thenMs = fc.oneof(
  fc.constant(0),
  fc.nat(20),
  fc.nat(KEEP_ALIVE_MS),
  fc.nat(HISTORY_TTL_MS),
  fc.nat(2 * HISTORY_TTL_MS),
);

const step = fc.tuple(deed, thenMs).map(([deed, thenMs]): Step => ({ ...deed, thenMs }));

/** The machines that run from the beginning, in any order. */
const beginning = fc
  .shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 1 })
  .map((machines) =>
    machines.map((machine): Step => ({ do: "start", machine, labels: 0, saved: false, thenMs: machine * 10 })),
  );

/** Any history of a small fleet. */
export const history: fc.Arbitrary<History> = fc.record({
  seed: fc.nat(2 ** 31 - 1),
  networks: fc.constantFrom(1 as const, 1 as const, 2 as const),
  steps: fc
    .tuple(beginning, fc.array(step, { minLength: 1, maxLength: 14 }))
    .map(([first, then]): readonly Step[] => [...first, ...then]),
});
