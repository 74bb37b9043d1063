import { describe, expect, test } from "vitest";
import { exportConfigNumber, parseExportConfig } from "../../src/registry/export-config.ts";
import { makeNamespace } from "../../src/registry/namespace.ts";
import { serverStateNumber } from "../../src/registry/server-state.ts";
import { makeServer } from "../../src/registry/server.ts";
import { makeService } from "../../src/registry/service.ts";

const ENDPOINT = "http://example.com/metrics";

describe("names", () => {
  test.each(["a", "A-1_b", "0", "-", "x".repeat(255)])("%s", (name) => {
    expect(makeNamespace({ name }, 0).name).toBe(name);
    expect(makeService({ name, endpoint: ENDPOINT, namespace: name }, 0)).toMatchObject({ name, namespace: name });
  });

  test.each(["", "a b", "a/b", "ä", "a.b", "a\n", "x".repeat(256), "__proto__\u0000"])("%j is none", (name) => {
    expect(() => makeNamespace({ name }, 0)).toThrow('1 to 255 letters, digits, "_" or "-"');
    expect(() => makeService({ name, endpoint: ENDPOINT }, 0)).toThrow(/^service name "/);
    expect(() => makeService({ name: "a", endpoint: ENDPOINT, namespace: name }, 0)).toThrow(/^namespace "/);
  });

  test.each(["prometheus1.example.com", "prom 1", "größe", "[::1]:9090"])("server %s", (name) => {
    expect(makeServer({ name }, 0)).toEqual({ name, labels: {}, state: "active", modified: 0 });
  });

  test.each(["", " ", ".", "..", "a/b", "..\\a", "a\u0007", "\ud800", "ü".repeat(128)])("server %j is none", (name) => {
    expect(() => makeServer({ name }, 0)).toThrow(/^server name "/);
  });
});

describe("labels", () => {
  const withLabels = (labels: Record<string, string>): unknown => makeServer({ name: "a", labels }, 0);

  test.each([
    [{ "": "x" }, 'label name ""'],
    [{ "a-b": "x" }, 'label name "a-b"'],
    [{ "1a": "x" }, 'label name "1a"'],
    [{ ä: "x" }, 'label name "ä"'],
    [{ a: "" }, 'value of label a ""'],
    [{ a: "x\ny" }, 'value of label a "x\\ny"'],
    [{ a: "\ud800" }, "value of label a"],
    [{ a: "ü".repeat(513) }, "value of label a"],
    [
      Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`a${index}`, "x"])),
      "labels 101: expected at most 100",
    ],
  ])("%j", (labels, message) => {
    expect(() => withLabels(labels)).toThrow(message);
    expect(() => withLabels(labels)).toThrow(expect.objectContaining({ code: "invalid_argument" }));
  });
});

describe("the rest of a service", () => {
  test.each([
    [{ selector: "a in (" }, /^selector "a in \("/],
    [{ description: "x".repeat(4097) }, /^description "x+…": expected at most 4096 bytes of UTF-8, got 4097$/],
    [{ description: "\ud800" }, /^description/],
    [{ ttlSeconds: 0 }, "ttl 0: expected whole seconds, 1 to 31536000"],
    [{ ttlSeconds: 1.5 }, "ttl 1.5: expected whole seconds"],
    [{ ttlSeconds: Number.NaN }, "expected whole seconds"],
    [{ ttlSeconds: 31_536_001 }, "expected whole seconds"],
    [{ endpoint: "example.com" }, /^endpoint "example.com"/],
  ])("%j", (members, message) => {
    expect(() => makeService({ name: "a", endpoint: ENDPOINT, ...members }, 0)).toThrow(message);
  });

  test.each([0, -1, 1001, Number.NaN, Number.POSITIVE_INFINITY])("server weight %s is none", (weight) => {
    expect(() => makeServer({ name: "a", weight }, 0)).toThrow("expected 0.001 to 1000");
  });
});

test("export configs and states have the original's numbers", () => {
  expect(["disabled", "standard", "blackbox"].map(parseExportConfig).map(exportConfigNumber)).toEqual([0, 1, 2]);
  expect([0, 1, 2].map(parseExportConfig)).toEqual(["disabled", "standard", "blackbox"]);
  expect((["leaving", "joining", "active"] as const).map(serverStateNumber)).toEqual([0, 1, 2]);
  for (const value of ["", "Standard", "1", 3, -1, 0.5, Number.NaN, "constructor"]) {
    expect(() => parseExportConfig(value)).toThrow("expected disabled (0), standard (1) or blackbox (2)");
  }
});
