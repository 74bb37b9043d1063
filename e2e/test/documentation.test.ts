import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { Discoveryd } from "./discoveryd.ts";
import { codeBlocks, readPage, ROOT } from "./markdown.ts";

const run = promisify(execFile);
const PAGES = [
  ...["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"],
  ...["docs/configuration.md", "docs/http-api.md", "docs/prometheus.md", "docs/coming-from-lobby.md"],
  ...["docs/exporter.md", "docs/registry.md"],
];

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

test("every route of docs/http-api.md is there, and the metrics are those that it names", async () => {
  const daemon = await Discoveryd.start();
  const page = await readPage("docs/http-api.md");
  const routes = [...page.matchAll(/^\| `(GET|POST|DELETE) (\/\S*)`/gm)];
  expect(routes.length).toBeGreaterThan(10);
  for (const [, method = "", path = ""] of routes) {
    const response = await daemon.fetch(path.replace(":name", "node"), { method });
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

test("links between the pages lead somewhere", async () => {
  const broken: string[] = [];
  for (const page of PAGES) {
    for (const [, target = ""] of (await readPage(page)).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)) {
      if (!existsSync(join(ROOT, dirname(page), target))) broken.push(`${page}: ${target}`);
    }
  }
  expect(broken).toEqual([]);
});
