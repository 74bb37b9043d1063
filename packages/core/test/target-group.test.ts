import * as fc from "fast-check";
import { expect, test } from "vitest";
import { labelRecord, sortTargetGroups } from "../src/target-group.ts";

test("labelRecord sorts the names and keeps __proto__ as a member", () => {
  const record = labelRecord([
    ["b", "1"],
    ["__proto__", "2"],
    ["a", "3"],
  ]);
  expect(JSON.stringify(record)).toBe('{"__proto__":"2","a":"3","b":"1"}');
  expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
});

test("the same groups come out in the same order, whatever order they came in", () => {
  const word = fc.constantFrom("a", "b", "😀", "\u{ff5e}");
  const group = fc.record({
    targets: fc.array(word, { maxLength: 2 }),
    labels: fc.array(fc.tuple(word, word), { maxLength: 2 }).map(labelRecord),
  });
  fc.assert(
    fc.property(
      fc
        .array(group, { maxLength: 6 })
        .chain((groups) =>
          fc.tuple(
            fc.constant(groups),
            fc.shuffledSubarray(groups, { minLength: groups.length, maxLength: groups.length }),
          ),
        ),
      ([groups, shuffled]) => {
        const sorted = sortTargetGroups(groups);
        expect(JSON.stringify(sortTargetGroups(shuffled))).toBe(JSON.stringify(sorted));
        expect(sorted).toHaveLength(groups.length);
      },
    ),
  );
});

test("groups are ordered by their targets first", () => {
  const groups = ["c:1", "a:1", "b:1"].map((target, index) => ({ targets: [target], labels: { n: String(index) } }));
  expect(sortTargetGroups(groups).map(({ targets }) => targets[0])).toEqual(["a:1", "b:1", "c:1"]);
});
