import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRegularExpression } from "../../src/http/regular-expression.ts";

const matches = (text: string, subject: string, whole = false): boolean =>
  parseRegularExpression("name", text, { whole })(subject);

it("matches some part, or the whole where that is asked", () => {
  expect(matches("b", "abc")).toBe(true);
  expect(matches("b", "abc", true)).toBe(false);
  expect(matches("a|abc", "abc", true)).toBe(true);
  expect(matches("a.c", "abc", true)).toBe(true);
  expect(matches("", "abc")).toBe(true);
  expect(matches("(?i)ABC", "abc", true)).toBe(true);
});

describe("what RE2 does not take", () => {
  it.each([
    ["(", "missing closing ): `(`"],
    ["a**", "invalid nested repetition operator: `**`"],
    ["[z-a]", "invalid character class range: `z-a`"],
    ["(?<=a)b", "`(?<=a)b`"],
    ["(a)\\1", "invalid escape sequence: `\\1`"],
    ["a{1001}", "invalid repeat count: `{1001}`"],
    ["(?:(?:(?:a{10}){10}){10}){10}", "invalid repeat count"],
    ["x".repeat(501), "at most 500 characters are allowed, it has 501"],
    ["(?:[ab]{1,40}){1,25}", "its repetitions make"],
  ])("%s", (text, why) => {
    expect(() => matches(text, "abc")).toThrow(
      expect.objectContaining({ code: "invalid_argument", message: expect.stringContaining(why) }),
    );
    expect(() => matches(text, "abc")).toThrow(/^name "/);
  });
});

describe("costs microseconds, however catastrophic", () => {
  const subject = `http://${"a".repeat(200)}.example.com:9100/metrics!`;

  it.each(["(a+)+$", "(a|a)*b", "(.*)*x", "([a-zA-Z]+)*$", "(a|aa)+$", "(.*a){20}", "(.{0,30}a){15}", "(x+x+)+y"])(
    "%s",
    (text) => {
      const test = parseRegularExpression("name", text);
      const times = Array.from({ length: 400 }, (_, round) => {
        const begun = performance.now();
        test(`${round}${subject}`);
        return performance.now() - begun;
      });
      // Backtracking would take longer than the universe, each time; a machine that stands still does so now and then.
      const [median = Number.NaN] = times.toSorted((left, right) => left - right).slice(200);
      expect(median).toBeLessThan(2);
    },
  );
});

it("takes any text without another error than its own", () => {
  const text = fc.string({
    unit: fc.constantFrom(..."ab()[]{}*+?|\\^$.-,:<>=!PpLdwsxQE01 é\u0000\ud800".split("")),
    maxLength: 30,
  });
  fc.assert(
    fc.property(text, fc.string({ maxLength: 30 }), (expression, subject) => {
      try {
        expect(typeof matches(expression, subject)).toBe("boolean");
      } catch (error) {
        expect(error).toMatchObject({ code: "invalid_argument" });
      }
    }),
    { numRuns: 3000 },
  );
});

it("agrees with Node's engine where both have the same syntax", () => {
  const atom = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "(?:a|b)", "(?:ab)");
  const piece = fc.tuple(atom, fc.constantFrom("", "*", "+", "?", "{2}", "{1,3}")).map((parts) => parts.join(""));
  const expression = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(""));
  const subject = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 });
  fc.assert(
    fc.property(expression, subject, fc.boolean(), (text, given, whole) => {
      const reference = new RegExp(whole ? `^(?:${text})$` : text);
      expect(matches(text, given, whole)).toBe(reference.test(given));
    }),
    { numRuns: 2000 },
  );
});
