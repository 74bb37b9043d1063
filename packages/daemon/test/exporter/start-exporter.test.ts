import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { Catalog, DiscoveryError, Registry, Replica } from "@org/discovery-core";
import { LocalDriver, LocalHub } from "@org/discovery-driver-local";
import { waitUntil } from "@org/discovery-test-servers";
import { expect, onTestFinished, test } from "vitest";
import type { Daemon } from "../../src/discoveryd.ts";
import { startExporter } from "../../src/exporter/start-exporter.ts";
import { systemClock } from "../../src/system-clock.ts";
import { configFrom } from "../config/resolve-from.ts";
import { temporaryFolder } from "../labels/temporary-folder.ts";
import { RecordingLog } from "../recording-log.ts";
import { readTargets } from "./target-reader.ts";

const surroundings = {
  clock: systemClock,
  log: new RecordingLog(),
  random: Math.random,
  kill: () => undefined,
  folder: "/",
  settings: new Map(),
};

async function start(folder: string, ...flags: readonly string[]): Promise<Daemon> {
  const own = ["--http-listen", "127.0.0.1:0", "--data-dir", folder, "--labels-path", join(folder, "labels")];
  const argv = ["exporter", "--server", "prom", "--directory", join(folder, "out"), ...own, ...flags];
  const exporter = await startExporter(configFrom({ argv }), surroundings);
  onTestFinished(() => exporter.close());
  return exporter;
}

/** A registry file such as the local driver opens, with a server and a service. */
async function registryIn(folder: string): Promise<void> {
  const driver = new LocalDriver(new LocalHub(join(folder, "registry.sqlite"), Math.random), surroundings);
  const replica = new Replica({ ...surroundings, store: driver.store, settleMs: 0 });
  const registry = new Registry({ ...surroundings, replica, catalog: new Catalog({ replica }) });
  await replica.start();
  await driver.start();
  await registry.registerServer({ name: "prom" }, { actor: "test" });
  await registry.registerService({ name: "node", endpoint: "http://a:9100" }, { actor: "test" });
  replica.stop();
  await driver.close();
}

async function get(exporter: Daemon, path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`http://${exporter.address}${path}`);
  return { status: response.status, text: await response.text() };
}

test("writes the lists of a server from the store, and says how it is", async () => {
  const folder = await temporaryFolder();
  await registryIn(folder);
  const exporter = await start(folder);
  await waitUntil("it is ready", async () => (await get(exporter, "/readyz")).status === 200, 20_000);
  const files = await readTargets(join(folder, "out/prom"));
  expect(Object.keys(files)).toEqual(["default/node.json"]);
  expect(JSON.parse(files["default/node.json"] ?? "")).toMatchObject([
    { targets: ["a:9100"], labels: { job: "node" } },
  ]);
  expect(await get(exporter, "/readyz")).toEqual({ status: 200, text: "ready" });
  expect(await get(exporter, "/healthz")).toEqual({ status: 200, text: "ok" });
  const { text } = await get(exporter, "/metrics");
  for (const line of ["files 1", "files_written_total 1", "source_up 1", "server_active 1"]) {
    expect(text).toContain(`discovery_exporter_${line}\n`);
  }
  expect(Number(/^discovery_exporter_last_sync_timestamp_seconds (\S+)$/m.exec(text)?.[1])).toBeGreaterThan(1.6e9);
  expect((await get(exporter, "/")).status).toBe(404);
});

test("one at a time for a directory", async () => {
  const folder = await temporaryFolder();
  const first = await start(folder);
  await expect(start(folder)).rejects.toThrow(/another exporter writes there/);
  await first.close();
  await start(folder);
});

test("where the address is taken it says so, and lets the directory go", async () => {
  const [folder, other] = [await temporaryFolder(), await temporaryFolder()];
  const { address = "" } = await start(other);
  const failing = start(folder, "--http-listen", address);
  await expect(failing).rejects.toBeInstanceOf(DiscoveryError);
  await expect(failing).rejects.toThrow(address);
  await start(folder);
});

test("starts with neither source nor server in reach, and touches nothing", async () => {
  const folder = await temporaryFolder();
  const exporter = await start(folder, "--from", "http://127.0.0.1:1");
  await waitUntil("it has tried", async () => (await get(exporter, "/readyz")).text.includes("127.0.0.1:1"), 20_000);
  expect((await get(exporter, "/readyz")).status).toBe(503);
  expect((await get(exporter, "/healthz")).status).toBe(200);
  expect((await readdir(join(folder, "out"))).filter((name) => !name.startsWith(".exporter"))).toEqual([]);
  expect(await readFile(join(folder, "out/.exporter.lock"), "utf8")).toBe("");
});
