import { join, relative } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { targetFileName } from "../../src/exporter/target-file-name.ts";

test("is <namespace>/<job>.json", () => {
  expect(targetFileName("default", "node_exporter-2")).toBe("default/node_exporter-2.json");
});

test.each(["", ".", "..", "a/b", "../a", "a\\b", "a.b", "a b", "a\0", "a\n", "ž", "~"])("refuses %j", (name) => {
  expect(targetFileName(name, "job")).toBeUndefined();
  expect(targetFileName("default", name)).toBeUndefined();
});

test("whatever the names, it is one file in one folder below, of a length that file systems take", () => {
  const name = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.stringMatching(/^[a-zA-Z0-9_-]{1,300}$/),
    fc.constantFrom("..", "."),
  );
  fc.assert(
    fc.property(name, name, (namespace, job) => {
      const file = targetFileName(namespace, job);
      if (file === undefined) return;
      expect(relative("/targets", join("/targets", file))).toBe(file);
      const parts = file.split("/");
      expect(parts).toHaveLength(2);
      for (const part of parts) expect(Buffer.byteLength(part)).toBeLessThanOrEqual(255);
    }),
  );
});

test("long names stay apart", () => {
  const long = "a".repeat(255);
  const files = [long, `${long.slice(1)}b`, "a".repeat(200), "a".repeat(201)].map((job) => targetFileName("n", job));
  expect(new Set(files).size).toBe(4);
});
