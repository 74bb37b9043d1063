import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

const LOADER = fileURLToPath(new URL("driver-loader.ts", import.meta.url));

let loader: ChildProcess;

beforeAll(() => {
  loader = fork(LOADER, { execArgv: [] });
});

afterAll(() => void loader.kill());

/** A module that is a driver, as far as can be seen. */
const DRIVER = `export default { name: "acme", options: { kind: "schema" }, create: () => ({}) };`;
const TYPED = `interface Named { readonly name: string }\n${DRIVER.replace("};", "} satisfies Named;")}`;

type Files = Readonly<Record<string, string>>;

/** What `loadDriver` says in a folder with these files. `<folder>` stands for that folder, in both directions. */
async function load(name: string, files: Files): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), "discovery-load-driver-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const answer = once(loader, "message");
  loader.send({ name: name.replace("<folder>", folder), folder });
  return JSON.parse(JSON.stringify(await answer).replaceAll(folder, "<folder>"))[0];
}

/** An npm package in the folder's node_modules. */
function installed(name: string, exports: unknown, text = DRIVER): Files {
  return {
    [`node_modules/${name}/package.json`]: JSON.stringify({ name, type: "module", exports }),
    [`node_modules/${name}/index.js`]: text,
  };
}

const PATHS = [
  "./driver.mjs",
  "./in/../driver.mjs",
  "<folder>/driver.mjs",
  "file://<folder>/driver.mjs",
  "./driver.ts",
];

test.each(PATHS)("by the path %s", async (path) => {
  expect(await load(path, { "driver.mjs": DRIVER, "driver.ts": TYPED })).toEqual({ driver: "acme" });
});

test.each([
  ["whatever asks", "./index.js"],
  ["import alone", { ".": { import: "./index.js" } }],
  ["types first", { ".": { types: "./index.d.ts", default: "./index.js" } }],
])("by the name of a package in the folder, exported to %s", async (_, exports) => {
  expect(await load("@acme/driver", installed("@acme/driver", exports))).toEqual({ driver: "acme" });
});

test("by the name of a package beside the daemon, which goes before one in the folder", async () => {
  const files = installed("@org/discovery-driver-redis", "./index.js");
  expect(await load("@org/discovery-driver-redis", files)).toEqual({ driver: "redis" });
});

const NO_DRIVER = "expected a module whose default export is a driver factory { name, options, create }";

test.each([
  ["no default export", `export const driver = {};`],
  ["a default export that is none", `export default () => ({});`],
  ["options that are no schema", `export default { name: "acme", options: {}, create: () => ({}) };`],
])("a module with %s is refused", async (_, text) => {
  expect(await load("./driver.mjs", { "driver.mjs": text })).toEqual({
    code: "invalid_argument",
    message: `${NO_DRIVER}, got "./driver.mjs"`,
  });
});

test.each([
  ["./gone.mjs", {}, "Cannot find module '<folder>/gone.mjs'"],
  ["@acme/driver", {}, "Cannot find package '@acme/driver' imported from <folder>/package.json"],
  ["./driver.mjs", { "driver.mjs": `throw new Error("no licence");` }, "no licence"],
  ["./driver.mjs", { "driver.mjs": `throw "no licence";` }, "no licence"],
  ["./driver.mjs", { "driver.mjs": `export default {` }, "Unexpected end of input"],
  ["./driver.mjs", { "driver.mjs": `import "missing";` }, "Cannot find package 'missing'"],
  ["@acme/driver", installed("@acme/driver", "./index.js", `import "missing";`), "Cannot find package 'missing'"],
  ["@acme/driver", installed("@acme/driver", { "./other": "./index.js" }), 'No "exports" main defined'],
  ["@acme/driver", installed("@acme/driver", "./dist/index.js"), "Cannot find module '<folder>/node_modules"],
])("%s that can't be loaded says why (%#)", async (name, files, reason) => {
  const outcome = await load(name, files);
  expect(outcome).toEqual({ code: "invalid_argument", message: expect.stringContaining(reason) });
  expect(outcome).toHaveProperty(
    "message",
    expect.stringContaining(`expected a driver that can be loaded, got ${JSON.stringify(name)}: `),
  );
});
