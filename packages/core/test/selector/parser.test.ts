import { describe, expect, test } from "vitest";
import { isDiscoveryError } from "../../src/error.ts";
import { parseRequirements } from "../../src/selector/parser.ts";

describe("what Kubernetes takes", () => {
  test.each([
    ["", []],
    ["  \n ", []],
    ["a=b", [{ operator: "in", key: "a", values: ["b"] }]],
    [" a == b ", [{ operator: "in", key: "a", values: ["b"] }]],
    ["a!=b", [{ operator: "notin", key: "a", values: ["b"] }]],
    ["a in (b, c)", [{ operator: "in", key: "a", values: ["b", "c"] }]],
    ["a in(c,b,c)", [{ operator: "in", key: "a", values: ["b", "c"] }]],
    ["a notin ( b )", [{ operator: "notin", key: "a", values: ["b"] }]],
    ["a", [{ operator: "exists", key: "a" }]],
    ["!a", [{ operator: "absent", key: "a" }]],
    ["! a", [{ operator: "absent", key: "a" }]],
    ["a>5", [{ operator: "gt", key: "a", bound: 5n }]],
    ["a < 5", [{ operator: "lt", key: "a", bound: 5n }]],
    ["a=", [{ operator: "in", key: "a", values: [""] }]],
    ["a!=", [{ operator: "notin", key: "a", values: [""] }]],
    ["a in ()", [{ operator: "in", key: "a", values: [""] }]],
    ["a in (,b)", [{ operator: "in", key: "a", values: ["", "b"] }]],
    ["a in (b,)", [{ operator: "in", key: "a", values: ["", "b"] }]],
    ["a in (b,,c)", [{ operator: "in", key: "a", values: ["", "b", "c"] }]],
    ["a in (,,)", [{ operator: "in", key: "a", values: [""] }]],
    ["in in (in,notin)", [{ operator: "in", key: "in", values: ["in", "notin"] }]],
    ["notin=in", [{ operator: "in", key: "notin", values: ["in"] }]],
    [
      "in,notin",
      [
        { operator: "exists", key: "in" },
        { operator: "exists", key: "notin" },
      ],
    ],
    [
      "x in (foo,,baz),y,z notin ()",
      [
        { operator: "in", key: "x", values: ["", "baz", "foo"] },
        { operator: "exists", key: "y" },
        { operator: "notin", key: "z", values: [""] },
      ],
    ],
    [
      "a=,b=",
      [
        { operator: "in", key: "a", values: [""] },
        { operator: "in", key: "b", values: [""] },
      ],
    ],
  ])("%j", (text, expected) => {
    expect(parseRequirements(text)).toEqual(expected);
  });
});

test.each([
  ["public_ip6=2a03::1", "2a03::1"],
  ["path=/srv/www", "/srv/www"],
  ["offset=-5", "-5"],
])("%j: a value that no Kubernetes label could have", (text, value) => {
  expect(parseRequirements(text)).toEqual([expect.objectContaining({ values: [value] })]);
});

describe("what is refused, and where", () => {
  test.each([
    [",a", 1, 'a key or "!"', '","'],
    ["a,", 3, 'a key or "!"', "the end"],
    ["a,,b", 3, 'a key or "!"', '","'],
    ["!", 2, "a key", "the end"],
    ["!!a", 2, "a key", '"!"'],
    ["!a=b", 3, '"," or the end', '"="'],
    ["!a in (b)", 4, '"," or the end', '"in"'],
    ["a b", 3, "one of = == != in notin > <", '"b"'],
    ["a gt 5", 3, "one of = == != in notin > <", '"gt"'],
    ["a IN (b)", 3, "one of = == != in notin > <", '"IN"'],
    ["a!", 2, "one of = == != in notin > <", '"!"'],
    ["xin (a)", 5, "one of = == != in notin > <", '"("'],
    ["a=b c", 5, '"," or the end', '"c"'],
    ["a=!b", 3, "a value", '"!"'],
    ["a===b", 4, "a value", '"="'],
    ["a=(b)", 3, "a value", '"("'],
    ["a in b", 6, '"("', '"b"'],
    ["a in", 5, '"("', "the end"],
    ["a in (b", 8, '"," or ")"', "the end"],
    ["a in (b c)", 9, '"," or ")"', '"c"'],
    ["a in ((b))", 7, 'a value, "," or ")"', '"("'],
    ["a in (b))", 9, '"," or the end', '")"'],
    ["a in (b)c", 9, '"," or the end', '"c"'],
    ["a>", 3, "a 64-bit integer", "the end"],
    ["a>x", 3, "a 64-bit integer", '"x"'],
    ["a>=5", 3, "a 64-bit integer", '"="'],
    ["a>1.5", 3, "a 64-bit integer", '"1.5"'],
    ["a<9223372036854775808", 3, "a 64-bit integer", '"9223372036854775808"'],
    ["-a=b", 1, "a key ([DNS name", '"-a"'],
    ["b,a:b=c", 3, "a key ([DNS name", '"a:b"'],
    ['a="b"', 3, "a value (at most 1024 characters, no leading quote", '"\\"b\\""'],
    ["a=b\u00a0", 3, "a value (at most", '"b\u00a0"'],
  ])("%j at %i", (text, position, ...[expected, got]) => {
    const message = refusal(text);
    expect(message).toContain(`expected ${expected}`);
    expect(message).toContain(`, got ${got} at position ${position}\n`);
  });
});

test("the message quotes the selector and puts a caret under the token", () => {
  expect(refusal("env in (prod, (test))").split("\n")).toEqual([
    'selector "env in (prod, (test))": expected a value, "," or ")", got "(" at position 15',
    "  env in (prod, (test))",
    "                ^",
  ]);
});

test("characters outside the basic plane and control characters take one column each", () => {
  expect(refusal("a=😀\u0000,b c").split("\n").slice(1)).toEqual(["  a=😀·,b c", "    ^"]);
  expect(refusal("a=😀,\tb c")).toContain(', got "c" at position 8\n');
  expect(refusal("a=😀,\tb c").split("\n").slice(1)).toEqual(["  a=😀, b c", "         ^"]);
});

test("of a long selector only the neighbourhood of the token is shown", () => {
  const lines = refusal(`${"a,".repeat(1000)}=${",b".repeat(1000)}`).split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(300);
  expect(lines[1]?.[lines[2]?.indexOf("^") ?? 0]).toBe("=");
});

function refusal(text: string): string {
  try {
    parseRequirements(text);
  } catch (error) {
    if (isDiscoveryError(error, "invalid_argument")) return error.message;
    throw error;
  }
  throw new Error(`${JSON.stringify(text)} was not refused`);
}
