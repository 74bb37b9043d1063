import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { withRepository } from "./scratch-repository.ts";

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
}

const TSCONFIG =
  '{ "extends": "../../tsconfig.base.json", "compilerOptions": { "types": ["node"] }, "include": ["src", "test"] }';
const LONG_FUNCTION = `export function long(): void {\n${"  void 0;\n".repeat(51)}}\n`;
const BRANCHES = Array.from({ length: 16 }, (_, index) => `  if (n === ${index}) return ${index};\n`).join("");

// Built from pieces, so that this file keeps the rules itself.
const EXPECT = ["exp", "ect"].join("");

/** One deliberate violation per row: the rule, the file that breaks it, its text. */
const VIOLATIONS: readonly (readonly [rule: string, file: string, text: string])[] = [
  ["max-lines", "packages/daemon/src/max-lines.ts", "export {};\n".repeat(301)],
  ["max-lines-per-function", "packages/daemon/src/long.ts", LONG_FUNCTION],
  ["max-params", "packages/daemon/src/params.ts", "export const f = (a: 1, b: 1, c: 1, d: 1) => [a, b, c, d];"],
  [
    "max-depth",
    "packages/daemon/src/depth.ts",
    "export function f(x: boolean): void { if (x) { if (x) { if (x) { if (x) { f(x); } } } } }",
  ],
  [
    "complexity",
    "packages/daemon/src/complex.ts",
    `export function f(n: number): number {\n${BRANCHES}  return -1;\n}\n`,
  ],
  ["no-cycle", "packages/daemon/src/cycle-a.ts", 'import type { B } from "./cycle-b.ts";\nexport type A = B | 1;'],
  ["no-cycle", "packages/daemon/src/cycle-b.ts", 'import type { A } from "./cycle-a.ts";\nexport type B = A | 2;'],
  ["no-default-export", "packages/daemon/src/default.ts", "export default 1;"],
  ["filename-case", "packages/daemon/src/camelCase.ts", "export {};"],
  [
    "consistent-type-imports",
    "packages/daemon/src/type-import.ts",
    'import { Server } from "node:net";\nexport type S = Server;',
  ],
  ["no-explicit-any", "packages/daemon/src/any.ts", "export const f = (x: any): void => void x;"],
  ["no-unsafe-assignment", "packages/daemon/src/unsafe.ts", 'export const x: string = JSON.parse("1");'],
  ["no-non-null-assertion", "packages/daemon/src/non-null.ts", "export const f = (x?: string) => x!.length;"],
  ["no-floating-promises", "packages/daemon/src/floating.ts", "export function f(p: Promise<void>): void { p; }"],
  ["no-misused-promises", "packages/daemon/src/misused.ts", "export const f = (p: Promise<boolean>) => (p ? 1 : 2);"],
  ["no-namespace", "packages/daemon/src/namespace.ts", "export namespace N { export const x = 1; }"],
  [
    "ban-ts-comment",
    "packages/daemon/src/ts-comment.ts",
    `// @ts-${EXPECT}-error because\nexport const x: string = 1;`,
  ],
  ["no-console", "packages/daemon/src/console.ts", 'console.log("x");'],
  ["no-restricted-globals", "packages/daemon/src/timer.ts", "setTimeout(() => undefined, 1);"],
  ["no-restricted-globals", "packages/daemon/src/interval.ts", "setInterval(() => undefined, 1);"],
  ["no-restricted-globals", "packages/daemon/src/process.ts", "export const env = process.env;"],
  ["no-restricted-properties", "packages/daemon/src/date-now.ts", "export const f = () => Date.now();"],
  ["no-restricted-properties", "packages/daemon/src/random.ts", "export const f = () => Math.random();"],
  ["no-restricted-imports", "packages/daemon/src/node-timers.ts", 'export { setTimeout } from "node:timers/promises";'],
  ["no-restricted-imports", "packages/daemon/src/deep.ts", 'export { x } from "@org/discovery-core/src/x.ts";'],
  ["no-restricted-imports", "packages/cli/src/daemon.ts", 'export { x } from "@org/discovery-daemon";'],
  ["no-restricted-imports", "packages/core/src/node.ts", 'export { readFile } from "node:fs";'],
  ["no-restricted-imports", "packages/core/src/driver.ts", 'export { x } from "@org/discovery-driver-local";'],
  ["no-restricted-globals", "packages/core/src/buffer.ts", 'export const b = Buffer.from("x");'],
  ["no-restricted-properties", "packages/core/src/date-now.ts", "export const f = () => Date.now();"],
  ["no-restricted-imports", "packages/driver-nats/src/sibling.ts", 'export { x } from "@org/discovery-driver-redis";'],
  ["no-restricted-imports", "packages/driver-nats/src/daemon.ts", 'export { x } from "@org/discovery-daemon";'],
  [
    "no-focused-tests",
    "packages/daemon/test/only.test.ts",
    'import { it } from "vitest";\nit.only("x", () => undefined);',
  ],
];

/** What the rules must leave alone. */
const ALLOWED: Readonly<Record<string, string>> = {
  "packages/daemon/src/main.ts": "console.log(process.argv, Date.now());\nsetTimeout(() => undefined, 1);",
  "packages/driver-nats/src/index.ts": 'export { x as default } from "@org/discovery-core";',
  "packages/driver-nats/src/connect.ts":
    'export { connect } from "node:net";\nexport { x } from "@org/discovery-core";',
  "packages/daemon/src/drivers.ts": 'export { x } from "@org/discovery-driver-redis";',
  "packages/daemon/test/timers.test.ts": "setTimeout(() => undefined, 1);\nexport const now = Date.now();",
  "packages/daemon/vitest.config.ts": "export default {};",
};

describe("lint", () => {
  const found = diagnose();

  it.each(VIOLATIONS)("%s is seen in %s", (rule, file) => {
    expect(found.get(file) ?? []).toContain(rule);
  });

  it.each(Object.keys(ALLOWED))("%s is left alone", (file) => {
    expect(found.get(file) ?? []).toEqual([]);
  });
});

/** The names of the rules that oxlint reports, by file. */
function diagnose(): Map<string, string[]> {
  const files = {
    ...Object.fromEntries(VIOLATIONS.map(([, file, text]) => [file, `${text}\n`])),
    ...ALLOWED,
    ...Object.fromEntries(
      ["core", "daemon", "cli", "driver-nats"].map((name) => [`packages/${name}/tsconfig.json`, TSCONFIG]),
    ),
  };
  return withRepository(files, (folder) => {
    const { stdout } = spawnSync("oxlint", ["--format=json", "packages"], { cwd: folder, encoding: "utf8" });
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] };
    const found = Map.groupBy(diagnostics, ({ filename }) => filename);
    return new Map(
      [...found].map(([file, list]) => [file, list.map(({ code }) => code.replace(/^.*\((.*)\)$/, "$1"))]),
    );
  });
}
