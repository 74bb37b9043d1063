import type { Backup } from "@org/discovery-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { backupYaml, MAX_YAML_BYTES, parseBackupText } from "../../src/http/backup-text.ts";
import { readBackupLines } from "../../src/http/backup-lines.ts";

const HEAD = "format: discovery-backup\nv: 1\ncreated: 5\n";
const EMPTY = { format: "discovery-backup", v: 1, created: 5, namespaces: [], servers: [], services: [] };

function refusal(text: string): string {
  try {
    parseBackupText(text);
  } catch (error) {
    return String(error);
  }
  return "taken";
}

test("what a daemon writes is read by its lines", () => {
  const record = fc.record({ name: fc.string({ unit: "binary" }), labels: fc.dictionary(fc.string(), fc.string()) });
  const records = fc.array(record, { maxLength: 3 });
  fc.assert(
    fc.property(fc.record({ namespaces: records, servers: records, services: records }), (lists) => {
      const backup = { ...EMPTY, ...lists };
      const document = JSON.parse(JSON.stringify(backup)) as unknown;
      expect(readBackupLines(backupYaml(backup as unknown as Backup))).toEqual({ document });
    }),
  );
});

test("comments, empty lines and the line ends of Windows may be added to it", () => {
  const text = `# of Monday\r\n${HEAD.replaceAll("\n", "\r\n")}\r\nnamespaces: []\r\nservers:\r\n# none left\r\nservices: []\r\n`;
  expect(readBackupLines(text)).toEqual({ document: EMPTY });
});

test.each([
  ["services:\n  - name: s\n", 5],
  ["services: # all\n", 4],
  ["  - {}\n", 4],
  ["servers: []\nv: 1\n", 5],
  ["servers:\n  - {} # one\n", 5],
  ["servers:\n  - 1\n", 5],
])("other YAML is told by its first line: %j", (rest, strangeLine) => {
  expect(readBackupLines(HEAD + rest)).toEqual({ strangeLine });
});

test("other YAML is read all the same", () => {
  const text = `${HEAD}namespaces: [ ]\nservers: [ ]\nservices: [ ]\n`;
  expect(parseBackupText(text)).toEqual(EMPTY);
});

describe("hostile YAML", () => {
  test("of many different keys takes no time that grows with their square", () => {
    const text = Array.from({ length: 50_000 }, (_, index) => `k${index}: 1\n`).join("");
    const begun = performance.now();
    expect(refusal(text)).toContain("backup");
    // Some seconds at most; it was an hour.
    expect(performance.now() - begun).toBeLessThan(60_000);
  });

  test("with a key twice is refused", () => {
    expect(refusal(`${HEAD}services: []\nservices: [ ]\n`)).toContain('key "services" is there twice');
    expect(refusal(`${HEAD}servers: [{a: 1, a: 2}]\n`)).toContain('key "a" is there twice');
  });

  test("with aliases is refused", () => {
    expect(refusal("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n")).toContain("lias");
  });

  test("above the limit is refused with the line at which it is not a daemon's", () => {
    const text = `${HEAD}servers:\n  - {"name":"a"}\n  - name: b\n${"# comment\n".repeat(MAX_YAML_BYTES / 10)}`;
    expect(refusal(text)).toContain("backup, line 6: expected a line as a daemon writes it");
  });
});
