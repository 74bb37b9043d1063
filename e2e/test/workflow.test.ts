import { join } from "node:path";
import { type PrometheusServer, waitUntil } from "@org/discovery-test-servers";
import { describe, expect, test } from "vitest";
import { Discoveryd } from "./discoveryd.ts";
import { folderForTest } from "./folder.ts";
import { DRIVERS, type RegistryBackend, registryBackend, sees, writerAndReader } from "./registry-backend.ts";
import { answer, send } from "./registry-requests.ts";
import { prometheusWith, scrapedTargets } from "./scraped-targets.ts";

const SERVER = "prometheus1.example.com";
const EXAMPLE = {
  name: "example",
  endpoint: "http://example.com/metrics",
  labels: { label1: "value1", label2: "value2" },
  selector: "environment=test",
};
const BLACKBOX = {
  name: "blackbox",
  endpoint: "http://blackbox.example.com",
  namespace: "default-blackbox",
  selector: "environment=test",
};

/** What the original's documentation shows, indented as jq does. */
const STANDARD_LIST = `[
  {
    "targets": [
      "example.com"
    ],
    "labels": {
      "__metrics_path__": "/metrics",
      "__scheme__": "http",
      "instance": "example.com",
      "job": "example",
      "label1": "value1",
      "label2": "value2"
    }
  }
]`;
const BLACKBOX_LIST = `[
  {
    "targets": [
      "http://blackbox.example.com"
    ],
    "labels": {}
  }
]`;
const SCRAPED = [
  `http://blackbox-exporter:9115/probe?target=http%3A%2F%2Fblackbox.example.com ${JSON.stringify({
    instance: "http://blackbox.example.com",
    job: "blackbox",
  })}`,
  `http://example.com:80/metrics ${JSON.stringify({
    instance: "example.com",
    job: "example",
    label1: "value1",
    label2: "value2",
  })}`,
];
/** Longer than Prometheus takes from an answer to its targets (up to 5 s besides the refresh interval) and to a scrape. */
const PROMETHEUS_MS = 45_000;

async function list(daemon: Discoveryd, path: string): Promise<string> {
  return JSON.stringify(await daemon.json(path), null, 2);
}

/** Registers what the example does, and nothing else. */
async function register(writer: Discoveryd): Promise<void> {
  await send(writer, "POST /v1/servers", { name: SERVER, labels: { environment: "test" } });
  await send(writer, "POST /v1/services", EXAMPLE);
  await send(writer, "POST /v1/namespaces", { name: "default-blackbox", export: "blackbox" });
  await send(writer, "POST /v1/services", BLACKBOX);
}

async function scrapes(prometheus: PrometheusServer, expected: readonly string[]): Promise<void> {
  // What was seen is judged, not what is there a moment later: a scrape that takes too long counts as none.
  let seen: readonly string[] = [];
  const isSo = async (): Promise<boolean> => {
    seen = await scrapedTargets(prometheus);
    return seen.join() === expected.join();
  };
  await waitUntil(`Prometheus scrapes ${expected.length} targets`, isSo, PROMETHEUS_MS).catch(() => undefined);
  expect(seen).toEqual(expected);
}

describe.each(DRIVERS)("the example workflow on %s", (driver) => {
  test("step for step over REST, scraped by http_sd", { timeout: 180_000 }, async () => {
    const [writer, reader] = await writerAndReader(await registryBackend(driver));
    const prometheus = await prometheusWith({
      standard: http(reader, `/v1/sd/${SERVER}/default?export-config=standard`),
      blackbox: http(reader, `/v1/sd/${SERVER}/default-blackbox`),
    });
    await refusesBeforeThereIsAServer(writer);
    await walkThrough(writer, reader);
    await scrapes(prometheus, SCRAPED);

    const gone = await answer(writer, `DELETE /v1/services/default?id=${encodeURIComponent(EXAMPLE.endpoint)}`);
    expect(gone).toEqual({ status: 200, text: "{}" });
    await scrapes(prometheus, SCRAPED.slice(0, 1));
  });

  test("scraped by file_sd through the exporter", { timeout: 180_000 }, async () => {
    const [writer, reader] = await writerAndReader(await registryBackend(driver));
    const directory = await folderForTest();
    await Discoveryd.start({
      flags: ["exporter", "--server", SERVER, "--directory", directory, "--from", reader.url],
      until: "alive",
    });
    const files = (namespace: string): object => ({
      // Prometheus watches only folders that are there when it starts; others it finds at the next refresh.
      file_sd_configs: [{ files: [join(directory, SERVER, namespace, "*.json")], refresh_interval: "1s" }],
    });
    await register(writer);
    const prometheus = await prometheusWith({ standard: files("default"), blackbox: files("default-blackbox") });
    await scrapes(prometheus, SCRAPED);
    await send(writer, `DELETE /v1/services/default?id=${encodeURIComponent(EXAMPLE.endpoint)}`);
    await scrapes(prometheus, SCRAPED.slice(0, 1));
  });
});

function http({ url }: Discoveryd, path: string): object {
  return { http_sd_configs: [{ url: url + path, refresh_interval: "1s" }] };
}

async function refusesBeforeThereIsAServer(writer: Discoveryd): Promise<void> {
  expect(await answer(writer, "POST /v1/services", EXAMPLE)).toMatchObject({ status: 404 });
  expect(await send(writer, "GET /v1/services")).toEqual({ services: [] });
}

async function walkThrough(writer: Discoveryd, reader: Discoveryd): Promise<void> {
  const modified = expect.stringMatching(/^\d{4}-\d\d-\d\dT/);
  await send(writer, "POST /v1/servers", { name: SERVER, labels: { environment: "test" } });
  expect(await send(writer, "GET /v1/servers")).toEqual({
    servers: [{ name: SERVER, labels: { environment: "test" }, modified, state: "2" }],
  });

  const { service } = await send<{ service: object }>(writer, "POST /v1/services", EXAMPLE);
  const registered = {
    ...EXAMPLE,
    id: "93c156b1-f218-5d79-88a5-219307e59d29",
    namespace: "default",
    description: "",
    servers: [SERVER],
    modified,
  };
  expect(service).toEqual(registered);
  expect(await send(writer, "GET /v1/services")).toEqual({ services: [registered] });

  const namespace = (name: string, config: number): object => ({ name, export: config, modified });
  expect(await send(writer, "GET /v1/namespaces")).toEqual({ namespaces: [namespace("default", 1)] });
  await send(writer, "POST /v1/namespaces", { name: "default-blackbox", export: "blackbox" });
  const namespaces = [namespace("default", 1), namespace("default-blackbox", 2)];
  expect(await send(writer, "GET /v1/namespaces")).toEqual({ namespaces });

  await send(writer, "POST /v1/services", BLACKBOX);
  const probed = { id: "e988791c-2c4e-5eeb-b3b8-db3c0cf82719", labels: {}, servers: [SERVER] };
  await sees(reader, "/v1/services", probed.id);
  expect(await send(reader, "GET /v1/services")).toEqual({
    services: [{ ...BLACKBOX, ...probed, description: "", modified }, registered],
  });

  expect(await list(reader, `/v1/sd/${SERVER}/default`)).toBe(STANDARD_LIST);
  expect(await list(reader, `/v1/sd/${SERVER}/default-blackbox?config=blackbox`)).toBe(BLACKBOX_LIST);
  expect(await list(reader, `/v1/sd/${SERVER}/default-blackbox`)).toBe(BLACKBOX_LIST);
}

test("a backup goes from each driver to the next and comes back the same", { timeout: 180_000 }, async () => {
  const first = await writerAndReader(await registryBackend("local"));
  await register(first[0]);
  const original = await send<{ created?: number }>(first[0], "GET /v1/backup");
  let text = await first[0].text("/v1/backup?format=yaml");
  for (const driver of ["redis", "nats", "local"] as const) {
    const backend: RegistryBackend = await registryBackend(driver);
    const [writer, reader] = await writerAndReader(backend);
    expect(await send(writer, "POST /v1/restore", text)).toMatchObject({ put: { length: 4 }, same: 0 });
    // They are written at once, and may arrive in any order.
    for (const id of ["93c156b1", "e988791c"]) await sees(reader, "/v1/services", id);
    expect(await list(reader, `/v1/sd/${SERVER}/default`)).toBe(STANDARD_LIST);
    expect({ ...(await send<object>(reader, "GET /v1/backup")), created: 0 }).toEqual({ ...original, created: 0 });
    text = await reader.text(driver === "redis" ? "/v1/backup" : "/v1/backup?format=yaml");
  }
});
