import fc from "fast-check";
import { expect, test } from "vitest";
import { BucketState } from "../src/bucket-state.ts";
import { rewoundTo } from "../src/rewind.ts";
import { histories } from "./histories.ts";
import { LogModel, type Step } from "./log-model.ts";

interface Sighting {
  readonly follower: BucketState;
  readonly log: LogModel;
}

/** Who followed the log up to here, and the log. */
function run(steps: readonly Step[]): Sighting {
  const log = new LogModel();
  const follower = new BucketState();
  for (const step of steps) for (const message of log.append(step)) follower.apply(message);
  return { follower, log };
}

function reader(log: LogModel): BucketState {
  const state = new BucketState();
  for (const message of log.lastPerSubject()) state.apply(message);
  return state;
}

test("a bucket that only went on is never taken for a rewound one", () => {
  fc.assert(
    fc.property(histories, fc.nat(60), (steps, cut) => {
      const before = run(steps.slice(0, cut + 1)).follower;
      const after = reader(run(steps).log);
      expect(rewoundTo(before, after, after.last.sequence)).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});

test("a bucket that lost its last messages always is, up to the last one that is left", () => {
  fc.assert(
    fc.property(histories, fc.nat(60), (steps, cut) => {
      const after = reader(run(steps.slice(0, cut + 1)).log);
      const before = run(steps).follower;
      fc.pre(before.last.sequence > after.last.sequence);
      expect(rewoundTo(before, after, after.last.sequence)).toBeLessThanOrEqual(after.revision);
    }),
    { numRuns: 500 },
  );
});

test("what others wrote since does not hide the loss, and counts as written since", () => {
  const put = (key: string, value: string): Step => ({ kind: "put", key, value });
  const kept = [{ kind: "fresh" }, put("a", "1"), put("b", "1")] as const;
  const before = run([...kept, put("b", "lost")]).follower;
  const { log } = run(kept);
  // Time goes on, sequence numbers are used again.
  log.delay(1000n);
  for (const value of ["2", "3"]) log.append(put("c", value));
  const after = reader(log);
  expect(after.last.sequence).toBeGreaterThan(before.last.sequence);
  expect(rewoundTo(before, after, after.last.sequence)).toBe(3);
});
