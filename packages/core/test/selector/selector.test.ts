import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isDiscoveryError } from "../../src/error.ts";
import { hostLabelLookup } from "../../src/host-label.ts";
import { recordLookup } from "../../src/selector/label-lookup.ts";
import { formatSelector, parseSelector, selectorMatches } from "../../src/selector/selector.ts";

function matchesHost(selector: string, ...labels: string[]): boolean {
  return selectorMatches(parseSelector(selector), hostLabelLookup(labels));
}

describe("semantics", () => {
  test.each([
    ["", [], true],
    ["env=prod", ["env:prod"], true],
    ["env=prod", ["env:test"], false],
    ["env=prod", [], false],
    ["env!=prod", ["env:test"], true],
    ["env!=prod", ["env:prod"], false],
    ["env!=prod", [], true],
    ["env notin (prod,test)", [], true],
    ["env in (prod,test)", ["env:test"], true],
    ["env", ["env:prod"], true],
    ["env", ["environment:prod"], false],
    ["!env", ["env:prod"], false],
    ["!env", [], true],
    ["cores>4", ["cores:5"], true],
    ["cores>4", ["cores:4"], false],
    ["cores<4", ["cores:3"], true],
    ["cores<4", ["cores:4"], false],
    ["cores>4", [], false],
    ["cores<4", [], false],
    ["cores>4", ["cores:many"], false],
    ["cores<4", ["cores:"], false],
    ["id>9007199254740992", ["id:9007199254740993"], true],
    ["env=prod,!canary", ["env:prod", "canary:yes"], false],
    ["env=", ["env:"], true],
    ["env=", [], false],
    ["flag=", ["flag"], true],
    ["flag", ["flag"], true],
    ["public_ip6=2a03::1", ["public_ip6:2a03::1"], true],
    ["prometheus=node:port:9100", ["prometheus:node:port:9100"], true],
  ])("%j on %j is %s", (selector, labels, expected) => {
    expect(matchesHost(selector, ...labels)).toBe(expected);
  });

  test.each([
    ["service=imap", true],
    ["service in (imap,pop3)", true],
    ["service=imap,service=smtp", true],
    ["service!=imap", false],
    ["service!=pop3", true],
    ["service notin (pop3,smtp)", false],
    ["cores>7", true],
    ["cores<3", true],
    ["cores>8", false],
  ])("%j on several values of one key is %s", (selector, expected) => {
    expect(matchesHost(selector, "service:smtp", "service:imap", "cores:2", "cores:8")).toBe(expected);
  });

  test("a record's inherited members are no labels", () => {
    expect(selectorMatches(parseSelector("constructor"), recordLookup({}))).toBe(false);
    expect(selectorMatches(parseSelector("__proto__"), recordLookup({}))).toBe(false);
    expect(selectorMatches(parseSelector("__proto__=x"), recordLookup({ ["__proto__"]: "x" }))).toBe(true);
    expect(selectorMatches(parseSelector("env=prod"), recordLookup({ env: "prod" }))).toBe(true);
  });
});

test.each([
  ["b,a", "a,b"],
  ["a==1", "a=1"],
  ["a in (1)", "a=1"],
  ["a notin (1)", "a!=1"],
  ["a in (z,,b)", "a in (,b,z)"],
  [" a > +007 , a >7", "a>7"],
  ["a in ()", "a="],
  ["!b,a<-1", "!b,a<-1"],
  ["", ""],
])("%j is written %j", (text, canonical) => {
  expect(formatSelector(parseSelector(text))).toBe(canonical);
});

test("more than 8,192 characters are refused without a look at them", () => {
  expect(() => parseSelector("!".repeat(8193))).toThrow(/expected at most 8192 characters, got 8193$/);
  expect(() => parseSelector(" ".repeat(8192))).not.toThrow();
});

const key = fc.constantFrom("a", "b", "in", "example.com/c", "_d", "__proto__", "constructor");
const value = fc.oneof(
  fc.constantFrom("", "1", "-2", "+3", "9223372036854775808", "in", "notin", "2a03::1", "/x", "é😀"),
  fc.integer({ min: -5, max: 5 }).map(String),
);
const space = fc.constantFrom("", " ", "\t", " \n ");
const integer = fc.bigInt({ min: -5n, max: 5n });

/** A requirement as text, with what it means said a second time, straight from the Kubernetes documentation. */
interface Sample {
  readonly text: string;
  readonly holds: (values: readonly string[]) => boolean;
}

const equality = fc
  .tuple(key, fc.constantFrom("=", "==", "!="), value, space, space)
  .map(([k, operator, v, before, after]): Sample & { key: string } => ({
    key: k,
    text: `${k}${before}${operator}${after}${v}`,
    holds: (values) => (operator === "!=" ? values.every((one) => one !== v) : values.some((one) => one === v)),
  }));
const membership = fc
  .tuple(key, fc.constantFrom("in", "notin"), fc.array(value, { maxLength: 4 }), space)
  .map(([k, operator, list, gap]): Sample & { key: string } => {
    const listed = new Set(list.length === 0 ? [""] : list);
    return {
      key: k,
      text: `${k} ${operator}${gap}(${list.join(`${gap},`)})`,
      holds: (values) => (operator === "in" ? values.some((v) => listed.has(v)) : !values.some((v) => listed.has(v))),
    };
  });
const existence = fc.tuple(key, fc.boolean(), space).map(([k, wanted, gap]): Sample & { key: string } => ({
  key: k,
  text: wanted ? k : `!${gap}${k}`,
  holds: (values) => values.length > 0 === wanted,
}));
const comparison = fc
  .tuple(key, fc.constantFrom(">", "<"), integer, space)
  .map(([k, operator, bound, gap]): Sample & { key: string } => ({
    key: k,
    text: `${k}${gap}${operator}${gap}${bound}`,
    holds: (values) =>
      values.some((one) => {
        if (!/^[+-]?\d{1,2}$/.test(one)) return false;
        return operator === ">" ? Number(one) > Number(bound) : Number(one) < Number(bound);
      }),
  }));
const samples = fc.array(fc.oneof(equality, membership, existence, comparison), { maxLength: 4 });
const labels = fc.array(fc.tuple(key, value), { maxLength: 8 });

test("agrees with a naive reading of the rules", () => {
  fc.assert(
    fc.property(samples, labels, space, (requirements, pairs, gap) => {
      const selector = parseSelector(requirements.map(({ text }) => text).join(`${gap},${gap}`));
      const expected = requirements.every(({ key: k, holds }) =>
        holds(pairs.filter(([p]) => p === k).map(([, v]) => v)),
      );
      expect(selectorMatches(selector, hostLabelLookup(pairs.map(([k, v]) => `${k}:${v}`)))).toBe(expected);
    }),
    { numRuns: 2_000 },
  );
});

test("what is written reads back as the same selector, whatever order it was written in", () => {
  fc.assert(
    fc.property(samples, (requirements) => {
      const selector = parseSelector(requirements.map(({ text }) => text).join(","));
      expect(parseSelector(formatSelector(selector))).toEqual(selector);
      expect(
        parseSelector(
          requirements
            .map(({ text }) => text)
            .toReversed()
            .join(","),
        ),
      ).toEqual(selector);
    }),
  );
});

const garbage = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: fc.constantFrom(...Array.from('ab1 in,notin!=<>()"\u00a0/\t\ud800')), maxLength: 40 }),
);

test("any text is a selector or an invalid_argument; what is a selector reads back", () => {
  fc.assert(
    fc.property(garbage, (text) => {
      try {
        const selector = parseSelector(text);
        expect(parseSelector(formatSelector(selector))).toEqual(selector);
      } catch (error) {
        if (!isDiscoveryError(error, "invalid_argument")) throw error;
      }
    }),
    { numRuns: 3_000 },
  );
});
