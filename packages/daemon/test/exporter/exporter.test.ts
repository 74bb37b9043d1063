import { rm, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Service, VirtualClock } from "@org/discovery-core";
import fc from "fast-check";
import { Registry } from "prom-client";
import { expect, onTestFinished, test } from "vitest";
import { DirectoryLock } from "../../src/exporter/directory-lock.ts";
import { createExporterMetrics } from "../../src/exporter/exporter-metrics.ts";
import { Exporter } from "../../src/exporter/exporter.ts";
import { TargetFolder } from "../../src/exporter/target-folder.ts";
import { temporaryFolder } from "../labels/temporary-folder.ts";
import { RecordingLog } from "../recording-log.ts";
import { readTargets, watchTargets } from "./target-reader.ts";
import { service, ToldSource } from "./told-source.ts";

const RESYNC_MS = 3_600_000;
const A = service("node", "http://a.example.com:9100/metrics");
const B = service("node", "http://b.example.com:9100/metrics");
const C = service("smtp", "http://c.example.com");

/** An exporter with a source that is told what to say; `restart` ends it and starts another one over the same files. */
async function scene(source = new ToldSource(), given?: string) {
  const directory = given ?? (await temporaryFolder());
  const path = join(directory, "prom");
  const clock = new VirtualClock();
  const log = new RecordingLog();
  const registry = new Registry();
  const start = (): { exporter: Exporter; stop: () => Promise<void> } => {
    const lock = new DirectoryLock(directory);
    const exporter = new Exporter({
      clock,
      log,
      random: () => 0,
      metrics: createExporterMetrics(registry),
      source,
      folder: new TargetFolder({ directory, server: "prom", mode: 0o600 }),
      lock,
      server: "prom",
      resyncMs: RESYNC_MS,
    });
    exporter.start();
    const stop = async (): Promise<void> => {
      await exporter.stop();
      lock.release();
    };
    return { exporter, stop };
  };
  let running = start();
  onTestFinished(() => running.stop());
  const restart = async (): Promise<void> => {
    await running.stop();
    registry.clear();
    running = start();
  };
  /** Lets so many milliseconds pass, and the passes that begin in them finish. */
  const pass = async (ms = 200): Promise<void> => {
    await clock.advance(ms);
    // File system calls are real: the clock can't hurry them.
    await running.exporter.settled();
  };
  const targets = async (): Promise<Record<string, string[]>> => targetsOf(await readTargets(path));
  return { directory, path, clock, log, source, registry, restart, pass, targets, current: () => running.exporter };
}

function targetsOf(files: Record<string, string>): Record<string, string[]> {
  const parsed = Object.entries(files).map(([file, text]) => {
    const groups = JSON.parse(text) as { targets: string[] }[];
    return [file, groups.flatMap(({ targets }) => targets)] as const;
  });
  return Object.fromEntries(parsed);
}

test("writes what the source says, and each change within the second", async () => {
  const { source, pass, targets, current } = await scene();
  source.say({ services: [A, B, C] });
  await pass();
  expect(await targets()).toEqual({
    "default/node.json": ["a.example.com:9100", "b.example.com:9100"],
    "default/smtp.json": ["c.example.com"],
  });
  expect(current().waiting).toBeUndefined();
  source.say({ services: [B] });
  await pass();
  expect(await targets()).toEqual({ "default/node.json": ["b.example.com:9100"], "default/smtp.json": [] });
  await pass(RESYNC_MS);
  expect(await targets()).toEqual({ "default/node.json": ["b.example.com:9100"] });
});

test.each(["joining", "leaving", undefined] as const)("waits while the server is %s", async (state) => {
  const { source, pass, targets, current } = await scene();
  source.say({ services: [A] });
  await pass();
  source.say({ state, services: [] });
  await pass(RESYNC_MS + 200);
  expect(await targets()).toEqual({ "default/node.json": ["a.example.com:9100"] });
  expect(current().waiting).toBe(`server "prom" is ${state ?? "not registered"}`);
  source.say({ state: "active", services: [B] });
  await pass();
  expect(await targets()).toEqual({ "default/node.json": ["b.example.com:9100"] });
});

test("in doubt adds and changes, and empties nothing before it is over", async () => {
  const { source, pass, targets, registry } = await scene();
  source.say({ services: [A, C] });
  await pass();
  source.say({ why: "the link is down", services: [B] });
  await pass(RESYNC_MS + 200);
  expect(await targets()).toEqual({
    "default/node.json": ["b.example.com:9100"],
    "default/smtp.json": ["c.example.com"],
  });
  expect(await registry.metrics()).toMatch(/^discovery_exporter_source_up 0$/m);
  source.say({ why: undefined });
  await pass();
  expect(await targets()).toEqual({ "default/node.json": ["b.example.com:9100"], "default/smtp.json": [] });
});

test("after a restart the files stay until the source is certain, however long that takes", async () => {
  const { source, pass, targets, restart, current } = await scene();
  source.say({ services: [A, C] });
  await pass();
  source.say({ isKnown: false, why: "the daemon was not reached since the start", services: [] });
  await restart();
  await pass(3 * RESYNC_MS);
  const before = { "default/node.json": ["a.example.com:9100"], "default/smtp.json": ["c.example.com"] };
  expect(await targets()).toEqual(before);
  expect(current().waiting).toBe("the daemon was not reached since the start");
  source.say({ isKnown: true, why: undefined, services: [C] });
  await pass();
  expect(await targets()).toEqual({ "default/node.json": [], "default/smtp.json": ["c.example.com"] });
});

test("a resync puts right what somebody else did", async () => {
  const { source, path, pass, targets } = await scene();
  source.say({ services: [A, C] });
  await pass();
  await writeFile(join(path, "default/node.json"), "");
  await unlink(join(path, "default/smtp.json"));
  await pass(RESYNC_MS);
  expect(await targets()).toEqual({
    "default/node.json": ["a.example.com:9100"],
    "default/smtp.json": ["c.example.com"],
  });
});

test("says that the directory can't be written, tries again, and keeps the old files meanwhile", async () => {
  const { source, path, pass, targets, current, log, registry } = await scene();
  source.say({ services: [A] });
  await pass();
  await rm(join(path, ".new"), { recursive: true });
  await writeFile(join(path, ".new"), "in the way");
  source.say({ services: [A, B, C] });
  for (let second = 0; second < 5; second++) await pass(1000);
  expect(await targets()).toEqual({ "default/node.json": ["a.example.com:9100"] });
  expect(current().waiting).toContain(".new");
  expect(log.at("error")).toHaveLength(1);
  expect(await registry.metrics()).toMatch(/^discovery_exporter_failures_total [2-9]$/m);
  await unlink(join(path, ".new"));
  for (let second = 0; second < 12; second++) await pass(1000);
  expect(await targets()).toEqual({
    "default/node.json": ["a.example.com:9100", "b.example.com:9100"],
    "default/smtp.json": ["c.example.com"],
  });
  expect(current().waiting).toBeUndefined();
});

test("writes nothing while another exporter has the directory", async () => {
  const directory = await temporaryFolder();
  const other = new DirectoryLock(directory);
  expect(other.acquire()).toBe(true);
  const { source, pass, targets, current } = await scene(new ToldSource(), directory);
  source.say({ services: [A] });
  await pass();
  expect(await targets()).toEqual({});
  expect(current().waiting).toContain("another exporter");
  other.release();
  await pass(2000);
  expect(await targets()).toEqual({ "default/node.json": ["a.example.com:9100"] });
});

test("a burst of changes is written a few times, not each", async () => {
  const { source, pass, registry, targets } = await scene();
  const all = Array.from({ length: 300 }, (_, at) => service("node", `http://h${at}.example.com`));
  for (const [at] of all.entries()) source.say({ services: all.slice(0, at + 1) });
  await pass();
  expect((await targets())["default/node.json"]).toHaveLength(300);
  const [, written = ""] = /^discovery_exporter_files_written_total (\d+)$/m.exec(await registry.metrics()) ?? [];
  expect(Number(written)).toBeLessThanOrEqual(2);
});

test("after any history of catalogs, doubts and restarts the directory is the rendering of the last one", async () => {
  const job = fc.constantFrom("node", "smtp", "web");
  const namespace = fc.constantFrom("default", "a", "off");
  const one = fc.tuple(job, fc.nat(5), namespace).map(([name, at, where]) => service(name, `http://h${at}:1`, where));
  const services = fc.uniqueArray(one, { selector: (each) => `${each.namespace} ${each.endpoint}`, maxLength: 8 });
  const event = fc.oneof(
    { weight: 4, arbitrary: services.map((it) => ({ services: it })) },
    { weight: 1, arbitrary: fc.constantFrom("leaving", "joining", undefined).map((state) => ({ state })) },
    { weight: 1, arbitrary: fc.constantFrom("doubt", undefined).map((why) => ({ why })) },
    { weight: 1, arbitrary: fc.boolean().map((isKnown) => ({ isKnown })) },
    { weight: 1, arbitrary: fc.constantFrom("resync", "restart") },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 6 }), async (events) => {
      const { source, path, pass, restart, targets } = await scene();
      const reader = watchTargets(path);
      source.say({ exports: { off: "disabled" } });
      for (const each of events) {
        if (each === "restart") await restart();
        else if (typeof each === "object") source.say(each);
        await pass(each === "resync" ? RESYNC_MS : 200);
      }
      source.say({ isKnown: true, why: undefined, state: "active" });
      await pass();
      const expected = rendering(source.services);
      const found = await targets();
      expect(found).toMatchObject(expected);
      for (const [file, list] of Object.entries(found)) expect(list).toEqual(expected[file] ?? []);
      await pass(RESYNC_MS);
      expect(await targets()).toEqual(expected);
      expect(await reader.stop()).toEqual([]);
    }),
    { numRuns: 12 },
  );
});

/** What shall be in the files, worked out in another way. */
function rendering(services: readonly Service[]): Record<string, string[]> {
  const exported = services.filter(({ namespace }) => namespace !== "off");
  const lists = Object.groupBy(exported, ({ namespace, name }) => `${namespace}/${name}.json`);
  return Object.fromEntries(
    Object.entries(lists).map(([file, members = []]) => [
      file,
      members.map(({ endpoint }) => endpoint.replace("http://", "")).toSorted(),
    ]),
  );
}
