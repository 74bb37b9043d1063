import fc from "fast-check";
import type { Step } from "./log-model.ts";

const key = fc.constantFrom("a", "b", "c");

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("put"), key, value: fc.string({ maxLength: 3 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("delete"), key }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("stage"), stage: fc.constantFrom("s1", "s2"), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("fresh") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("rewound"), back: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("restored"), stage: fc.constantFrom("s1", "s2") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("wiped") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("swept") }) },
);

/** Long ones: it takes a loss, a restore, a deletion and a sweep in this order to see all. */
export const histories = fc
  .array(step, { maxLength: 60, size: "max" })
  .map((steps): Step[] => [{ kind: "fresh" }, ...steps]);
