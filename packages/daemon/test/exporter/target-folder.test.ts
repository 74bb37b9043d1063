import { mkdir, readdir, readFile, rm, stat, symlink, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { TargetFolder } from "../../src/exporter/target-folder.ts";
import { temporaryFolder } from "../labels/temporary-folder.ts";
import { readTargets, watchTargets } from "./target-reader.ts";

const CHANGE = { isResync: false, isSure: true };
const RESYNC = { isResync: true, isSure: true };
const LIST = '[{"targets":["a:1"],"labels":{}}]';
const OTHER = '[{"targets":["b:2"],"labels":{}}]';

async function scene(mode = 0o600) {
  const directory = await temporaryFolder();
  const open = () => new TargetFolder({ directory, server: "prom.example.com", mode });
  return { directory, path: join(directory, "prom.example.com"), folder: open(), open };
}

function lists(given: Record<string, string>): Map<string, string> {
  return new Map(Object.entries(given));
}

test("writes one file for each list, for its owner alone, and leaves no other name that Prometheus would read", async () => {
  const { path, folder } = await scene();
  const result = await folder.apply(lists({ "default/node.json": LIST, "other/a.json": OTHER }), CHANGE);
  expect(result).toEqual({ written: 2, removed: 0, failures: [] });
  expect(await readTargets(path)).toEqual({ "default/node.json": LIST, "other/a.json": OTHER });
  expect((await stat(join(path, "default/node.json"))).mode & 0o777).toBe(0o600);
  const names = await readdir(path, { recursive: true });
  expect(names.filter((name) => name.endsWith(".json")).toSorted()).toEqual(["default/node.json", "other/a.json"]);
});

test("gives the files the permissions that were asked for", async () => {
  const { path, folder, directory } = await scene(0o640);
  await folder.apply(lists({ "default/node.json": LIST }), CHANGE);
  const plain = join(directory, "plain");
  await writeFile(plain, "", { mode: 0o640 });
  expect((await stat(join(path, "default/node.json"))).mode).toBe((await stat(plain)).mode);
});

test("writes only what changed, also after a restart", async () => {
  const { path, folder, open } = await scene();
  await folder.apply(lists({ "n/a.json": LIST, "n/b.json": LIST }), CHANGE);
  const { ino } = await stat(join(path, "n/a.json"));
  expect(await folder.apply(lists({ "n/a.json": LIST, "n/b.json": OTHER }), CHANGE)).toMatchObject({ written: 1 });
  expect(await open().apply(lists({ "n/a.json": LIST, "n/b.json": OTHER }), CHANGE)).toMatchObject({ written: 0 });
  expect((await stat(join(path, "n/a.json"))).ino).toBe(ino);
});

test("a list that is no more becomes [], and goes at the next resync, with its folder", async () => {
  const { path, folder } = await scene();
  await folder.apply(lists({ "n/a.json": LIST, "m/b.json": LIST }), CHANGE);
  expect(await folder.apply(lists({ "m/b.json": LIST }), CHANGE)).toEqual({ written: 1, removed: 0, failures: [] });
  expect(await readTargets(path)).toEqual({ "n/a.json": "[]", "m/b.json": LIST });
  expect(await folder.apply(lists({ "m/b.json": LIST }), CHANGE)).toEqual({ written: 0, removed: 0, failures: [] });
  expect(await folder.apply(lists({ "m/b.json": LIST }), RESYNC)).toEqual({ written: 0, removed: 1, failures: [] });
  expect((await readdir(path)).toSorted()).toEqual([".new", "m"]);
  expect(folder.size).toBe(1);
});

test("one that vanished since the last resync is [] first, and gone after another", async () => {
  const { path, folder } = await scene();
  await folder.apply(lists({ "n/a.json": LIST }), CHANGE);
  await folder.apply(new Map(), RESYNC);
  expect(await readTargets(path)).toEqual({ "n/a.json": "[]" });
  await folder.apply(new Map(), RESYNC);
  expect(await readTargets(path)).toEqual({});
});

test("while it isn't sure, nothing is emptied or removed, and lists are still added and changed", async () => {
  const { path, folder } = await scene();
  await folder.apply(lists({ "n/a.json": LIST, "n/b.json": LIST, "n/empty.json": "[]" }), CHANGE);
  for (const isResync of [false, true]) {
    await folder.apply(lists({ "n/b.json": OTHER, "n/c.json": LIST }), { isResync, isSure: false });
    expect(await readTargets(path)).toEqual({
      "n/a.json": LIST,
      "n/b.json": OTHER,
      "n/c.json": LIST,
      "n/empty.json": "[]",
    });
  }
});

test("a resync puts right what somebody else changed, emptied, removed or put there", async () => {
  const { path, folder, directory } = await scene();
  const outside = join(directory, "outside");
  await writeFile(outside, "not ours");
  const wanted = lists({ "n/a.json": LIST, "n/b.json": LIST, "n/c.json": LIST, "m/d.json": LIST, "n/e.json": LIST });
  await folder.apply(wanted, CHANGE);
  await writeFile(join(path, "n/a.json"), "");
  await writeFile(join(path, "n/b.json"), OTHER);
  await unlink(join(path, "n/c.json"));
  await rm(join(path, "m"), { recursive: true });
  await unlink(join(path, "n/e.json"));
  await symlink(outside, join(path, "n/e.json"));
  await writeFile(join(path, "n/stranger.json"), LIST);
  await writeFile(join(path, "n/notes.txt"), "mine");
  expect(await folder.apply(wanted, CHANGE)).toMatchObject({ written: 0 });
  expect(await folder.apply(wanted, RESYNC)).toMatchObject({ written: 6 });
  await folder.apply(wanted, RESYNC);
  expect(await readTargets(path)).toEqual(Object.fromEntries(wanted));
  expect(await readFile(join(path, "n/notes.txt"), "utf8")).toBe("mine");
  expect(await readFile(outside, "utf8")).toBe("not ours");
});

test("follows no link out of the directory", async () => {
  const { path, directory, folder } = await scene();
  const elsewhere = join(directory, "elsewhere");
  await mkdir(elsewhere);
  await mkdir(path);
  await symlink(elsewhere, join(path, "n"));
  const { failures } = await folder.apply(lists({ "n/a.json": LIST, "m/b.json": LIST }), CHANGE);
  expect(failures.map(({ message }) => message)).toEqual([`${join(path, "n")}: expected a folder that is no link`]);
  expect(await readdir(elsewhere)).toEqual([]);
  expect(await readTargets(path)).toEqual({ "m/b.json": LIST });

  await rm(path, { recursive: true });
  await symlink(elsewhere, path);
  await expect(folder.apply(lists({ "n/a.json": LIST }), RESYNC)).rejects.toThrow("expected a folder that is no link");
  expect(await readdir(elsewhere)).toEqual([]);
});

test("what can't be written stays as it was, is told, and is written when it can", async () => {
  const { path, folder } = await scene();
  await folder.apply(lists({ "n/a.json": LIST }), CHANGE);
  // Root may write anywhere, but nobody makes a folder where a file is.
  await rm(join(path, ".new"), { recursive: true });
  await writeFile(join(path, ".new"), "in the way");
  const wanted = lists({ "n/a.json": OTHER, "n/b.json": LIST });
  const { written, failures } = await folder.apply(wanted, CHANGE);
  expect([written, failures.length]).toEqual([0, 2]);
  expect(await readTargets(path)).toEqual({ "n/a.json": LIST });
  await unlink(join(path, ".new"));
  expect(await folder.apply(wanted, CHANGE)).toEqual({ written: 2, removed: 0, failures: [] });
  expect(await readTargets(path)).toEqual(Object.fromEntries(wanted));
});

test("after any history the files are those of its end, and no reader ever sees a part of one", async () => {
  const file = fc.constantFrom("n/a.json", "n/b.json", "n/c.json", "m/a.json", "m/long.json");
  const text = fc
    .nat(40)
    .map((size) => JSON.stringify(Array.from({ length: size }, (_, at) => ({ targets: [`h${at}:1`], labels: {} }))));
  const wish = fc.dictionary(file, text, { noNullPrototype: true });
  const step = fc.record({ wish, isResync: fc.boolean(), isSure: fc.boolean(), restart: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      const directory = await temporaryFolder();
      const path = join(directory, "s");
      const reader = watchTargets(path);
      let folder = new TargetFolder({ directory, server: "s", mode: 0o600 });
      for (const { wish: wanted, isResync, isSure, restart } of steps) {
        if (restart) folder = new TargetFolder({ directory, server: "s", mode: 0o600 });
        await folder.apply(lists(wanted), { isResync, isSure });
        expect(await readTargets(path)).toMatchObject(wanted);
      }
      const last = steps.at(-1)?.wish ?? {};
      await folder.apply(lists(last), CHANGE);
      for (const [name, content] of Object.entries(await readTargets(path))) {
        expect(content).toBe(last[name] ?? "[]");
      }
      await folder.apply(lists(last), RESYNC);
      expect(await readTargets(path)).toEqual(last);
      expect(await reader.stop()).toEqual([]);
    }),
    { numRuns: 30 },
  );
});
