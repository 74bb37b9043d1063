import { describe, expect, test } from "vitest";
import { isSelectorKey, isSelectorValue } from "../../src/selector/word.ts";

describe("isSelectorKey", () => {
  test.each([
    "a",
    "A1",
    "app.kubernetes.io/name",
    "x/y",
    "a-b_c.d",
    "in",
    "_private",
    "__meta_x_",
    "0",
    "n".repeat(63),
    `${"p".repeat(253)}/n`,
  ])("takes %j", (key) => {
    expect(isSelectorKey(key)).toBe(true);
  });

  test.each([
    "",
    "/a",
    "a/",
    "a/b/c",
    "-a",
    "a-",
    ".a",
    "a.",
    "Upper/name",
    "a..b/name",
    "-a/name",
    "a:b",
    "ключ",
    "a\u00a0",
    "n".repeat(64),
    `${"p".repeat(254)}/n`,
  ])("refuses %j", (key) => {
    expect(isSelectorKey(key)).toBe(false);
  });
});

describe("isSelectorValue", () => {
  test.each(["", "smtp", "2a03::1", "/srv/www", "-5", "O'Brien", "прага", "😀", "in", "v".repeat(1024)])(
    "takes %j",
    (value) => {
      expect(isSelectorValue(value)).toBe(true);
    },
  );

  test.each(['"prod"', "'prod'", "a b", "a\u00a0b", "a\u0000", "\ud800", "a=b", "a,b", "(", "v".repeat(1025)])(
    "refuses %j",
    (value) => {
      expect(isSelectorValue(value)).toBe(false);
    },
  );
});
