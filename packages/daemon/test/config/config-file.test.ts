import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { readConfigFile } from "../../src/config/config-file.ts";
import { formatMistake, type Given } from "../../src/config/given.ts";
import { withFolder } from "./resolve-from.ts";

function read(environment: Record<string, string>, flag?: string, homeFolder = "/nowhere") {
  const given: Given | undefined =
    flag === undefined ? undefined : { text: flag, kind: "flag", name: "--config", from: "flag" };
  const {
    files,
    given: options,
    mistakes,
  } = readConfigFile({ argv: [], environment, homeFolder, isRoot: false }, given);
  return { files, ttl: options.get("ttl")?.text, mistakes: mistakes.map(formatMistake) };
}

function put(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

test("without any, the usual places are told as not found", () => {
  const { files, mistakes } = read({});
  expect(files).toEqual([
    { path: "/nowhere/.config/discovery/config.yaml", state: "not found" },
    { path: "/etc/discovery/config.yaml", state: "not found" },
  ]);
  expect(mistakes).toEqual([]);
});

test("the user's file is read, and then no other", () => {
  withFolder((home) => {
    const path = put(join(home, ".config", "discovery", "config.yaml"), "ttl: 40");
    const { files, ttl } = read({}, undefined, home);
    expect(ttl).toBe("40");
    expect(files).toEqual([
      { path, state: "parsed" },
      { path: "/etc/discovery/config.yaml", state: "not read" },
    ]);
    const other = put(join(home, "xdg", "discovery", "config.yaml"), "ttl: 41");
    expect(read({ XDG_CONFIG_HOME: join(home, "xdg") }, undefined, home)).toMatchObject({
      ttl: "41",
      files: [{ path: other }, {}],
    });
  });
});

test("a named file goes before them, the flag before the variable", () => {
  withFolder((home) => {
    put(join(home, ".config", "discovery", "config.yaml"), "ttl: 40");
    const a = put(join(home, "a.yaml"), "ttl: 41");
    const b = put(join(home, "b.yaml"), "ttl: 42");
    expect(read({ DISCOVERY_CONFIG: a }, undefined, home)).toEqual({
      files: [{ path: a, state: "parsed" }],
      ttl: "41",
      mistakes: [],
    });
    expect(read({ DISCOVERY_CONFIG: a }, b, home).ttl).toBe("42");
  });
});

test("with a byte order mark it is read, and without UTF-8 it is a mistake", () => {
  withFolder((home) => {
    const path = put(join(home, "c.yaml"), "\uFEFFttl: 40\r\n");
    expect(read({}, path)).toMatchObject({ ttl: "40", mistakes: [] });
    writeFileSync(path, Buffer.from("redis-password: h\u00E9slo\n", "latin1"));
    expect(read({}, path)).toMatchObject({
      files: [{ path, state: "faulty" }],
      mistakes: [`${path}: expected a file that can be read, got bytes that are not UTF-8 (from file)`],
    });
  });
});

test("a named file that isn't there is a mistake, and so is one that can't be read", () => {
  expect(read({}, "/nowhere/c.yaml").mistakes).toEqual([
    '--config: expected a file that exists, got "/nowhere/c.yaml" (from flag)',
  ]);
  expect(read({ DISCOVERY_CONFIG: "/nowhere/c.yaml" }).mistakes[0]).toMatch(
    /^DISCOVERY_CONFIG: .* \(from environment\)$/,
  );
  expect(read({}, "/")).toMatchObject({
    files: [{ path: "/", state: "faulty" }],
    mistakes: ["/: expected a file that can be read, got EISDIR (from file)"],
  });
});
