import fc from "fast-check";
import { expect, test } from "vitest";
import { RevisionTimeline } from "../src/revision-timeline.ts";

test("revisions rise with sequence numbers, over any jumps, and what was is not changed", () => {
  const jumps = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 200 })), { maxLength: 10 });
  fc.assert(
    fc.property(jumps, (steps) => {
      let timeline = RevisionTimeline.first;
      let sequence = 0;
      for (const [ahead, atLeast] of steps) {
        sequence += ahead;
        const after = timeline.jump(sequence, atLeast);
        expect(after.at(sequence)).toBeGreaterThanOrEqual(atLeast);
        for (let each = 1; each < sequence; each++) expect(after.at(each)).toBe(timeline.at(each));
        for (let each = 1; each < sequence + 5; each++) expect(after.at(each)).toBeGreaterThan(after.at(each - 1));
        expect(after.since(sequence).at(sequence + 1)).toBe(after.at(sequence + 1));
        timeline = after;
      }
    }),
  );
});

test("without a loss, a revision is the sequence number", () => {
  expect(RevisionTimeline.first.at(7)).toBe(7);
  expect(RevisionTimeline.first.jump(5, 3)).toBe(RevisionTimeline.first);
});
