import { execFile } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { Discoveryd } from "./discoveryd.ts";
import { codeBlocks, readPage, ROOT, section } from "./markdown.ts";

const run = promisify(execFile);
const BUILT = ["**/node_modules/**", "**/dist/**"];
const PAGES = globSync("**/*.md", { cwd: ROOT, exclude: BUILT });

test.each([
  ["docs/prometheus.md", 5],
  ["docs/exporter.md", 2],
])("Prometheus accepts every configuration and alert rule of %s", async (page, least) => {
  const folder = await mkdtemp(join(tmpdir(), "discovery-e2e-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const blocks = codeBlocks(await readPage(page)).filter(({ language }) => language === "yaml");
  expect(blocks.length).toBeGreaterThanOrEqual(least);
  for (const [index, { text }] of blocks.entries()) {
    const file = join(folder, `${index}.yml`);
    await writeFile(file, text);
    const kind = text.startsWith("groups:") ? "rules" : "config";
    const { stdout } = await run("promtool", ["check", kind, file]);
    expect(stdout).toContain("SUCCESS");
  }
});

test("docs/http-api.md names every route there is and no other, and the metrics likewise", async () => {
  const daemon = await Discoveryd.start();
  const page = await readPage("docs/http-api.md");
  const routes = [...page.split("\n## ")[0]!.matchAll(/^\| `(.*?)` +\|/gm)].flatMap(([, cell = ""]) => routesOf(cell));
  const { paths } = JSON.parse(await daemon.text("/openapi.json")) as { paths: Record<string, object> };
  const served = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`),
  );
  expect(routes.toSorted()).toEqual(served.filter((route) => !PARTS_OF_A_PAGE.has(route)).toSorted());
  for (const [method = "", path = ""] of routes.map((route) => route.split(" "))) {
    const response = await daemon.fetch(path.replaceAll(/:\w+/g, "node"), { method });
    // 400 for those that want something, 404 for those that find nothing to remove or change.
    expect([200, 400, 404], `${method} ${path}: ${response.status}`).toContain(response.status);
    if (response.status === 404) expect(await response.text()).not.toContain("no such route");
    else await response.body?.cancel();
  }
  const told = [...page.matchAll(/^\| `(discovery_\w+)/gm)].map(([, name]) => String(name));
  const exported = [...(await daemon.text("/metrics")).matchAll(/^# TYPE (discovery_\w+)/gm)].map(([, name]) =>
    String(name),
  );
  expect(told.toSorted()).toEqual(exported.toSorted());
});

/** What `GET /swagger/` consists of. */
const PARTS_OF_A_PAGE = new Set(["GET /swagger", "GET /swagger/:file"]);

/** "GET`, `POST /v1/servers" are two routes of one path; "POST /v1/servers/:name/drain`, `/activate" two that differ in the last word. */
function routesOf(cell: string): string[] {
  const words = cell.split("`, `").map((word) => word.replace(/\?.*/, ""));
  const whole = words.find((word) => word.includes(" ")) ?? "";
  const [method = "", path = ""] = whole.split(" ");
  return words.map((word) => {
    if (word === whole) return word;
    return word.startsWith("/") ? `${method} ${dirname(path)}${word}` : `${word} ${path}`;
  });
}

test("links lead to a page, and to a heading that it has", async () => {
  const broken: string[] = [];
  for (const page of PAGES) {
    for (const [, target = ""] of (await readPage(page)).matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
      const [path = "", heading] = target.split("#");
      const file = path === "" ? page : join(dirname(page), path);
      const isThere = existsSync(join(ROOT, file));
      if (!isThere || (heading !== undefined && !(await anchors(file)).includes(heading))) {
        broken.push(`${page}: ${target}`);
      }
    }
  }
  expect(broken).toEqual([]);
});

/** As GitHub names the headings of a page. */
async function anchors(page: string): Promise<string[]> {
  return [...(await readPage(page)).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}

test("every source file that a page names exists", async () => {
  const files = globSync("**/*.ts", { cwd: ROOT, exclude: BUILT }).map((file) => `/${file}`);
  const missing: string[] = [];
  for (const page of PAGES) {
    for (const [, name = ""] of (await readPage(page)).matchAll(/`(?:\.\/)?([\w./-]+\.ts)`/g)) {
      // `index.ts` of the package that is spoken of, `daemon/src/…` without the folder of packages.
      if (!files.some((file) => file.endsWith(`/${name}`))) missing.push(`${page}: ${name}`);
    }
  }
  expect(missing).toEqual([]);
});

test("ARCHITECTURE.md names every room", async () => {
  const rooms = section(await readPage("ARCHITECTURE.md"), "## The rooms");
  const named = [...rooms.matchAll(/^\| `([^`]+)`/gm)].map(([, room]) => String(room));
  const folders = globSync(["packages/*/package.json", "{bench,e2e}/package.json"], { cwd: ROOT }).map(dirname);
  expect(named.toSorted()).toEqual([...folders, "examples", "scripts"].toSorted());
});

test("every page of docs/ can be found from README.md", async () => {
  const readme = await readPage("README.md");
  const unseen = PAGES.filter((page) => dirname(page) === "docs" && !readme.includes(`](${page})`));
  expect(unseen).toEqual([]);
});
