import { normalizeLabels } from "@org/discovery-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { labelSource } from "../../src/labels/label-source.ts";

describe("labelSource", () => {
  it("takes one label per line, without blank lines and surrounding white space", () => {
    const source = labelSource("/labels/a", "service:smtp\r\n\n  location:prague \n\t\n# no comments in lobby");
    expect(source.labels).toEqual(["service:smtp", "location:prague", "# no comments in lobby"]);
    expect(source.faults).toEqual([]);
  });

  it("leaves out what is no label, and says where it stands", () => {
    const source = labelSource("/labels/a", `good\nbell\u0007\n${"x".repeat(1025)}\n\uFFFD\nalso good`);
    expect(source.labels).toEqual(["good", "also good"]);
    expect(source.faults).toEqual([
      "/labels/a, line 2: the label has a control character",
      "/labels/a, line 3: the label is over 1024 bytes",
      "/labels/a, line 4: the label is not UTF-8",
    ]);
  });

  it("never throws, and accounts for every line that is not blank", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const { labels, faults } = labelSource("text", text);
        const lines = text.split("\n").filter((line) => line.trim() !== "");
        expect(labels.length + faults.length).toBe(lines.length);
        expect(labelSource("again", labels.join("\n"))).toMatchObject({ labels, faults: [] });
        expect(normalizeLabels(labels).length).toBeLessThanOrEqual(labels.length);
      }),
    );
  });
});
