import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compareBytes } from "../src/byte-order.ts";

const text = fc.string({
  unit: fc.constantFrom("a", "b", "é", "\u{d7ff}", "\u{e000}", "\u{ff5e}", "😀", "\u{10ffff}"),
});

test("orders as the UTF-8 bytes are ordered", () => {
  fc.assert(
    fc.property(text, text, (left, right) => {
      expect(Math.sign(compareBytes(left, right))).toBe(Buffer.compare(Buffer.from(left), Buffer.from(right)));
    }),
  );
});

test("puts U+FF5E before an emoji, where JavaScript's own order does not", () => {
  expect(["😀", "\u{ff5e}"].toSorted(compareBytes)).toEqual(["\u{ff5e}", "😀"]);
  expect(["😀", "\u{ff5e}"].toSorted()).toEqual(["😀", "\u{ff5e}"]);
});
