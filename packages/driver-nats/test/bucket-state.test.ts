import fc from "fast-check";
import { expect, test } from "vitest";
import { BucketState } from "../src/bucket-state.ts";
import { LogModel, type Step } from "./log-model.ts";

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

const history = fc.array(step, { maxLength: 60 });

test("who reads the last message of each subject knows the same as who followed from the beginning", () => {
  fc.assert(
    fc.property(history, (steps) => {
      const log = new LogModel();
      const follower = new BucketState();
      for (const each of steps) {
        for (const message of log.append(each)) follower.apply(message);
        const reader = new BucketState();
        for (const message of log.lastPerSubject()) reader.apply(message);
        if (follower.record === undefined) continue;
        expect(reader.snapshot()).toEqual(follower.snapshot());
        expect(reader.heads).toEqual(follower.heads);
      }
    }),
    { numRuns: 500 },
  );
});

test("revisions rise with every message, whatever happens to the bucket", () => {
  fc.assert(
    fc.property(history, (steps) => {
      const log = new LogModel();
      const follower = new BucketState();
      let before = 0;
      for (const each of steps) {
        for (const message of log.append(each)) {
          follower.apply(message);
          expect(follower.revision).toBeGreaterThan(before);
          before = follower.revision;
        }
      }
    }),
  );
});

test("a restore puts the staged entries where nothing was written since the loss, and keeps their revisions", () => {
  const log = new LogModel();
  const state = new BucketState();
  const take = (each: Step): void => {
    for (const message of log.append(each)) state.apply(message);
  };
  take({ kind: "fresh" });
  take({ kind: "put", key: "a", value: "stale" });
  take({ kind: "put", key: "b", value: "stale" });
  take({ kind: "put", key: "c", value: "stale" });
  take({ kind: "rewound", back: 0 });
  take({ kind: "put", key: "b", value: "since" });
  take({ kind: "stage", stage: "s1", key: "a" });
  take({ kind: "stage", stage: "s1", key: "b" });
  expect(Object.fromEntries([...state.snapshot().entries].map(([name, { value }]) => [name, value]))).toEqual({
    a: "stale",
    b: "since",
    c: "stale",
  });
  take({ kind: "restored", stage: "s1" });
  const { entries, epoch } = state.snapshot();
  expect(Object.fromEntries([...entries].map(([name, { value }]) => [name, value]))).toEqual({ a: "s1/a", b: "since" });
  expect(entries.get("a")?.revision).toBe(1000);
  expect(epoch).toMatchObject({ origin: "restored", base: state.revision });
  expect(state.isWhole).toBe(true);
});
