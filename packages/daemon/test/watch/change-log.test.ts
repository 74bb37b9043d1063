import fc from "fast-check";
import { expect, it } from "vitest";
import { ChangeLog } from "../../src/watch/change-log.ts";

it("gives exactly what came after a position, or says that it forgot", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(7)), fc.integer({ min: 1, max: 10 }), fc.nat(60), (batches, limit, sequence) => {
      const log = new ChangeLog("epoch", limit);
      for (const size of batches) log.append(Array.from({ length: size }, () => ({})));
      const after = log.after(sequence, Number.POSITIVE_INFINITY);
      const expected = Array.from({ length: Math.max(0, log.last - sequence) }, (_, index) => sequence + index + 1);
      if (after === undefined) expect(sequence < log.last - limit || sequence > log.last).toBe(true);
      else expect(after.map((change) => change.sequence)).toEqual(expected);
    }),
  );
});

it("keeps a bounded number of changes, whatever comes", () => {
  const log = new ChangeLog("epoch", 10);
  for (let batch = 0; batch < 1000; batch++) log.append([{}, {}, {}]);
  expect(log.after(log.last - 10, 100)).toHaveLength(10);
  expect(log.after(log.last - 21, 100)).toBeUndefined();
  log.append(Array.from({ length: 10_000 }, () => ({})));
  expect(log.after(log.last - 11, 100)).toBeUndefined();
});

it("reads positions that it wrote, and no others", () => {
  const log = new ChangeLog("a-b", 10);
  expect(log.sequenceOf(log.position(7))).toBe(7);
  fc.assert(fc.property(fc.string(), (text) => log.sequenceOf(text) === undefined || text.startsWith("a-b-")));
  for (const text of ["a-b-", "a-b-x", "a-b-1e3", "a-b- 1", "a-1", "b-1", "1"]) {
    expect(log.sequenceOf(text)).toBeUndefined();
  }
});
