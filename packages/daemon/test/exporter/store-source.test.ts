import { Catalog, Registry, Replica } from "@org/discovery-core";
import { LocalDriver, LocalHub } from "@org/discovery-driver-local";
import { waitUntil } from "@org/discovery-test-servers";
import { expect, onTestFinished, test } from "vitest";
import { createExporterMetrics } from "../../src/exporter/exporter-metrics.ts";
import { StoreSource } from "../../src/exporter/store-source.ts";
import { createMetrics } from "../../src/metrics.ts";
import { systemClock } from "../../src/system-clock.ts";
import { configFrom } from "../config/resolve-from.ts";
import { temporaryFolder } from "../labels/temporary-folder.ts";
import { RecordingLog } from "../recording-log.ts";

const BY = { actor: "test" };
const SERVER = "prom.example.com";
const ENDPOINT = "http://a.example.com:9100/metrics";

/** A store, somebody who writes to it, and a source that reads from it. */
async function scene() {
  const context = { clock: systemClock, log: new RecordingLog(), random: Math.random };
  const hub = new LocalHub(":memory:", Math.random);
  const writer = new LocalDriver(hub, context);
  const replica = new Replica({ ...context, store: writer.store, settleMs: 0 });
  const catalog = new Catalog({ replica });
  const registry = new Registry({ ...context, replica, catalog });
  await replica.start();
  await writer.start();
  onTestFinished(async () => {
    replica.stop();
    await writer.close();
  });
  const folder = await temporaryFolder();
  const metrics = createMetrics();
  const open = async () => {
    const driver = new LocalDriver(hub, context);
    const source = await StoreSource.create(configFrom({ argv: ["--data-dir", folder, "--labels-path", folder] }), {
      ...context,
      metrics,
      exporterMetrics: createExporterMetrics(createMetrics().registry),
      drivers: [{ driver, channel: "c", place: "memory" }],
      server: SERVER,
    });
    onTestFinished(() => source.stop());
    return { source, driver };
  };
  const names = (source: StoreSource): string[] | undefined => source.view()?.services.map(({ endpoint }) => endpoint);
  return { registry, catalog, open, names };
}

test("knows nothing before it has read the store, then what the server scrapes and every change of it", async () => {
  const { registry, open, names } = await scene();
  await registry.registerServer({ name: SERVER, labels: { env: "prod" } }, BY);
  await registry.registerServer({ name: "other.example.com", labels: { env: "test" } }, BY);
  await registry.registerNamespace({ name: "probes", export: "blackbox" }, BY);
  await registry.registerService({ name: "node", endpoint: ENDPOINT, selector: "env=prod" }, BY);
  await registry.registerService({ name: "node", endpoint: "http://other", selector: "env=test" }, BY);

  const { source } = await open();
  expect([source.view(), source.doubt()]).toEqual([undefined, expect.stringContaining("was not read")]);
  let changes = 0;
  source.onChange(() => (changes += 1));
  await source.start();
  await waitUntil("the store was read", () => source.view() !== undefined);
  expect([names(source), source.doubt(), source.view()?.state]).toEqual([[ENDPOINT], undefined, "active"]);
  expect(["default", "probes", "nowhere"].map((name) => source.view()?.exportOf(name))).toEqual([
    "standard",
    "blackbox",
    "disabled",
  ]);

  const before = changes;
  await registry.registerService({ name: "web", endpoint: "http://b", namespace: "probes", selector: "env=prod" }, BY);
  await waitUntil("it heard of it", () => changes > before);
  expect(names(source)).toEqual([ENDPOINT, "http://b"]);
  await registry.drainServer(SERVER, BY);
  expect(source.view()?.state).toBe("leaving");
  await registry.unregisterServer(SERVER, BY);
  expect(source.view()?.state).toBeUndefined();
});

test("while the backend is out of reach it keeps what it knew, and says that it is in doubt", async () => {
  const { registry, open, names } = await scene();
  await registry.registerServer({ name: SERVER }, BY);
  await registry.registerService({ name: "node", endpoint: ENDPOINT }, BY);
  const { source, driver } = await open();
  await source.start();
  await waitUntil("the store was read", () => source.doubt() === undefined);
  let changes = 0;
  source.onChange(() => (changes += 1));
  driver.link.lost(new Error("pulled"));
  expect(changes).toBe(1);
  expect([source.doubt(), names(source)]).toEqual(["the backend is out of reach", [ENDPOINT]]);
});

test("what it saved is not certain enough after a restart", async () => {
  const { registry, open } = await scene();
  await registry.registerServer({ name: SERVER }, BY);
  const first = await open();
  await first.source.start();
  await waitUntil("the store was read", () => first.source.view() !== undefined);
  await first.source.stop();
  const { source } = await open();
  expect(source.view()).toBeUndefined();
  expect(source.doubt()).not.toBeUndefined();
});

test("announces nothing, and writes nothing to the store", async () => {
  const { registry, catalog, open } = await scene();
  await registry.registerServer({ name: SERVER }, BY);
  await registry.registerService({ name: "node", endpoint: ENDPOINT, ttlSeconds: 1 }, BY);
  const { source, driver } = await open();
  const heard: string[] = [];
  await source.start();
  await driver.bus.subscribe("c", (message) => heard.push(message));
  await waitUntil("the lease has run out", () => source.view()?.services.length === 0, 20_000);
  await new Promise((resolve) => setTimeout(resolve, 2500));
  expect(heard).toEqual([]);
  expect(catalog.stored().map(({ endpoint }) => endpoint)).toEqual([ENDPOINT]);
});
