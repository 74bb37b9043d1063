import fc from "fast-check";
import { expect, test } from "vitest";
import { prettyLine } from "../../src/log/pretty-line.ts";

test("time of day, level, message, fields, then the error", () => {
  const line = prettyLine(
    JSON.stringify({
      level: "warn",
      time: "2026-01-01T10:11:12.013Z",
      host: "a",
      n: 1,
      msg: "gone",
      err: { type: "E", message: "m", stack: "E: m\n    at x", cause: { type: "F", message: "n" } },
    }),
  );
  expect(line).toMatch(/^\d\d:\d\d:12\.013 \S+WARN /);
  expect(line).toContain(' gone host="a" n=1\n    E: m\n    at x\n    F: n\n');
});

test("what strangers send can't steer the terminal", () => {
  const nasty = fc.string({ unit: fc.constantFrom("\u001B", "\n", "\u009B", "\u202E", "a", "\0", "\u2028") });
  fc.assert(
    fc.property(nasty, nasty, (msg, field) => {
      const line = prettyLine(
        JSON.stringify({ level: "info", time: "2026-01-01T00:00:00Z", msg, [`x${field}`]: field }),
      );
      const withoutColour = line.slice(0, -1).replaceAll(/\u001B\[\d+m/g, "");
      expect(withoutColour).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
});

test("a line that is no JSON is passed on", () => {
  expect(prettyLine("what\u001B[1m\n")).toBe("what\\u{1b}[1m\n");
});
