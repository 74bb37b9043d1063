import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { withRepository } from "./scratch-repository.ts";

const MANIFEST = {
  name: "@org/discovery-core",
  license: "MIT",
  files: ["dist"],
  type: "module",
  exports: { ".": "./src/index.ts" },
  publishConfig: {
    exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } },
    access: "public",
  },
  engines: { node: ">=22.18" },
};

// Built from pieces, so that this file keeps the rules itself.
const DISABLE = ["dis", "able"].join("");
const NOTE = ["TO", "DO"].join("");

/** A repository of one package that breaks no rule. */
const CLEAN = {
  "tsconfig.json": '{ "references": [{ "path": "packages/core" }, { "path": "scripts" }] }',
  "packages/core/package.json": JSON.stringify(MANIFEST),
  "packages/core/tsconfig.json": "{}",
  "packages/core/src/index.ts": '// Names.\nexport { lease, type Lease } from "./lease.ts";\n',
  "packages/core/src/lease.ts": "/** Lasts. */\nexport function lease(): void {}\nexport interface Lease {}\n",
};

function complaints(changes: Readonly<Record<string, string>>): string {
  return withRepository({ ...CLEAN, ...changes }, (folder) => {
    const { stderr, status } = spawnSync("node", ["scripts/house-rules.ts"], { cwd: folder, encoding: "utf8" });
    expect(status).toBe(stderr === "" ? 0 : 1);
    return stderr;
  });
}

function manifest(changes: object): Record<string, string> {
  return { "packages/core/package.json": packageOf("core", changes) };
}

function packageOf(name: string, changes: object): string {
  return JSON.stringify({ ...MANIFEST, name: `@org/discovery-${name}`, ...changes });
}

describe("house rules", () => {
  it("say nothing about a repository that keeps them", () => {
    expect(complaints({})).toBe("");
  });

  it.each([
    ["a drawer of a file", { "packages/core/src/utils.ts": "export {};" }, "utils.ts: name the file"],
    ["a test among the sources", { "packages/core/src/a.test.ts": "export {};" }, "tests sit in test/"],
    ["a check switched off", { "packages/core/src/a.ts": `// oxlint-${DISABLE}-next-line` }, "a.ts:1: a check is"],
    ["a note for later", { "packages/core/src/a.ts": `\n// ${NOTE}: more` }, "a.ts:2: a note for later"],
    ["state in a module", { "packages/core/src/a.ts": "let count = 0;" }, "a.ts:1: module-level mutable state"],
    ["code in an index", { "packages/core/src/index.ts": "export const x = 1;" }, "index.ts: only"],
    ["a star in an index", { "packages/core/src/index.ts": 'export * from "./lease.ts";' }, "index.ts: only"],
    [
      "a public name without a word",
      { "packages/core/src/lease.ts": "export function lease(): void {}" },
      "lease is public",
    ],
    [
      "a path into another package",
      { "packages/core/src/a.ts": 'import "../../daemon/src/a.ts";' },
      "leaves packages/core/src/",
    ],
    ["sources that import tests", { "packages/core/src/a.ts": 'import "../test/a.ts";' }, "leaves packages/core/src/"],
    [
      "core built on a driver",
      manifest({ dependencies: { "@org/discovery-driver-local": "workspace:*" } }),
      "core may not be built on @org/discovery-driver-local",
    ],
    [
      "sources that import upwards what only the tests depend on",
      {
        "packages/cli/package.json": packageOf("cli", {
          devDependencies: { "@org/discovery-driver-local": "workspace:*" },
        }),
        "packages/cli/src/a.ts": 'import { x } from "@org/discovery-driver-local";',
      },
      "packages/cli/src/a.ts: @org/discovery-cli may not be built on @org/discovery-driver-local",
    ],
    [
      "a package of which nobody said what it stands on",
      { "packages/shed/package.json": packageOf("shed", {}) },
      "packages/shed/package.json: say in scripts/house-rules/package-direction.ts",
    ],
    [
      "a version outside the catalog",
      manifest({ dependencies: { valibot: "^1" } }),
      'valibot "^1": expected "catalog:"',
    ],
    ["a package without a licence", manifest({ license: undefined }), '"license": "MIT"'],
    ["published sources", manifest({ publishConfig: { access: "public" } }), '"publishConfig.exports"'],
    ["a command that is not published", manifest({ bin: { discovery: "src/main.ts" } }), '"publishConfig.bin"'],
    [
      "a project nobody compiles",
      { "packages/core/test/tsconfig.json": "{}" },
      "expected a reference to packages/core/test",
    ],
  ])("see %s", (_, changes, complaint) => {
    expect(complaints(changes)).toContain(complaint);
  });
});
