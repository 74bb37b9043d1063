import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  hostLabelLookup,
  hostLabelProblem,
  isHostLabel,
  normalizeLabels,
  parseLabelLines,
  parseLabelList,
  splitHostLabel,
} from "../src/host-label.ts";

describe("parseLabelLines", () => {
  test("one per line; blank lines and surrounding white space do not count", () => {
    expect(parseLabelLines("\ufeffservice:smtp\r\n\n  \t\n  ns:primary  \nplain")).toEqual([
      "service:smtp",
      "ns:primary",
      "plain",
    ]);
    expect(parseLabelLines("\n \n")).toEqual([]);
    expect(parseLabelLines("a,b c")).toEqual(["a,b c"]);
  });

  test.each([
    ["ok\na\tb", 'labels, line 2: label "a\\tb" has a control character'],
    ["a\rb", "labels, line 1:"],
    ["a\u0085b", "has a control character"],
    ["a\u0000", "has a control character"],
    ["é".repeat(513), "is over 1024 bytes"],
    ["\ud800", "is not valid Unicode"],
  ])("refuses %j", (text, message) => {
    expect(() => parseLabelLines(text)).toThrow(message);
    expect(() => parseLabelLines(text)).toThrow(expect.objectContaining({ code: "invalid_argument" }));
  });

  test("takes exactly 1 KiB", () => {
    expect(parseLabelLines("é".repeat(512))).toEqual(["é".repeat(512)]);
  });

  test("names where the text came from", () => {
    expect(() => parseLabelLines("\u0007", "request body")).toThrow(/^request body, line 1: /);
    expect(() => parseLabelList("a,\u0007", "LABELS")).toThrow(/^LABELS, item 2: /);
  });
});

test("parseLabelList cuts at commas", () => {
  expect(parseLabelList("service:ns, ns:primary,,public_ip6:2a03::1 ,")).toEqual([
    "service:ns",
    "ns:primary",
    "public_ip6:2a03::1",
  ]);
  expect(parseLabelList("")).toEqual([]);
});

test("hostLabelProblem refuses the empty label", () => {
  expect(hostLabelProblem("")).toBe("is empty");
  expect(hostLabelProblem("service:smtp")).toBeUndefined();
  expect(["", "service:smtp", "a\n"].map(isHostLabel)).toEqual([false, true, false]);
});

test("normalizeLabels sorts by UTF-8 bytes and drops duplicates", () => {
  expect(normalizeLabels(["b", "😀", "\u{ff5e}", "a", "b", "B"])).toEqual(["B", "a", "b", "\u{ff5e}", "😀"]);
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme", maxLength: 3 })), (labels) => {
      const bytes = normalizeLabels(labels).map((label) => Buffer.from(label));
      for (let index = 1; index < bytes.length; index++) {
        expect(Buffer.compare(bytes[index - 1] ?? Buffer.of(), bytes[index] ?? Buffer.of())).toBe(-1);
      }
      expect(new Set(bytes.map(String))).toEqual(new Set(labels));
    }),
  );
});

test.each([
  ["service:smtp", { key: "service", value: "smtp" }],
  ["public_ip6:2a03::1", { key: "public_ip6", value: "2a03::1" }],
  ["plain", { key: "plain", value: "" }],
  ["key:", { key: "key", value: "" }],
  [":value", { key: "", value: "value" }],
])("splitHostLabel(%j)", (label, parts) => {
  expect(splitHostLabel(label)).toEqual(parts);
});

test("hostLabelLookup gives what splitting every label gives", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", ":"), maxLength: 4 });
  fc.assert(
    fc.property(fc.array(text), text, (labels, key) => {
      const expected = labels.map(splitHostLabel).filter((parts) => parts.key === key);
      expect(hostLabelLookup(labels)(key) ?? []).toEqual(expected.map((parts) => parts.value));
    }),
  );
});
