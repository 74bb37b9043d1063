import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isPrometheusLabelName, sanitizeLabelName } from "../src/prometheus-label.ts";

test.each([
  ["a", true],
  ["_", true],
  ["__proto__", true],
  ["a_1", true],
  ["Z9", true],
  ["", false],
  ["1a", false],
  ["a-b", false],
  ["a b", false],
  ["a\n", false],
  ["é", false],
])("label name %j: %s", (name, legal) => {
  expect(isPrometheusLabelName(name)).toBe(legal);
});

test("one underscore for each character that is not legal", () => {
  expect(sanitizeLabelName("a-b.c/😀é1")).toBe("a_b_c___1");
  expect(sanitizeLabelName("1")).toBe("1");
});

test("anything is a legal name behind a prefix", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(isPrometheusLabelName(`x_${sanitizeLabelName(text)}`)).toBe(true);
    }),
  );
});
