import fc from "fast-check";
import { expect, test } from "vitest";
import { BucketState } from "../src/bucket-state.ts";
import { rewoundTo } from "../src/rewind.ts";
import { histories } from "./histories.ts";
import { LogModel, type Step } from "./log-model.ts";

test("who reads the last message of each subject knows the same as who followed from the beginning", () => {
  fc.assert(
    fc.property(histories, (steps) => {
      const log = new LogModel();
      const follower = new BucketState();
      for (const each of steps) {
        for (const message of log.append(each)) follower.apply(message);
        const reader = new BucketState();
        for (const message of log.lastPerSubject()) reader.apply(message);
        if (follower.record === undefined) continue;
        expect(reader.snapshot()).toEqual(follower.snapshot());
        expect(rewoundTo(follower, reader, reader.last.sequence)).toBeUndefined();
        expect(rewoundTo(reader, follower, follower.last.sequence)).toBeUndefined();
      }
    }),
    { numRuns: 500 },
  );
});

test("forgetting old deletions changes nothing that can be seen", () => {
  fc.assert(
    fc.property(histories, (steps) => {
      const log = new LogModel();
      const state = new BucketState();
      for (const each of [...steps, { kind: "swept" } as const]) {
        const before = state.record === undefined ? undefined : state.snapshot().entries;
        for (const message of log.append(each)) state.apply(message);
        if (each.kind === "swept" && before !== undefined) expect(state.snapshot().entries).toEqual(before);
      }
    }),
    { numRuns: 500 },
  );
});

test("revisions rise with every message, whatever happens to the bucket", () => {
  fc.assert(
    fc.property(histories, (steps) => {
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
