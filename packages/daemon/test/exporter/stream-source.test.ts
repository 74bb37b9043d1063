import { type Clock, VirtualClock } from "@org/discovery-core";
import { waitUntil } from "@org/discovery-test-servers";
import { expect, onTestFinished, test } from "vitest";
import { createExporterMetrics } from "../../src/exporter/exporter-metrics.ts";
import { StreamSource } from "../../src/exporter/stream-source.ts";
import { createMetrics } from "../../src/metrics.ts";
import { systemClock } from "../../src/system-clock.ts";
import { RecordingLog } from "../recording-log.ts";
import { EventServer } from "./event-server.ts";

const SERVER = "prom.example.com";

function wireService(endpoint: string, more: object = {}): object {
  const rest = { selector: "", description: "", modified: "2026-01-01T00:00:00Z", servers: [SERVER, "z"] };
  return { id: endpoint, name: "node", namespace: "default", endpoint, labels: {}, ...rest, ...more };
}

function snapshot(services: readonly object[], state = "2") {
  const namespaces = [
    { name: "default", export: 1, modified: "" },
    { name: "probes", export: 2, modified: "" },
  ];
  return { namespaces, servers: [{ name: SERVER, labels: {}, modified: "", state }], services };
}

async function scene({ token, clock = systemClock }: { token?: string; clock?: Clock } = {}) {
  const server = await EventServer.start();
  const log = new RecordingLog();
  const { registry } = createMetrics();
  const source = new StreamSource({
    clock,
    log,
    random: () => 1,
    exporterMetrics: createExporterMetrics(registry),
    url: server.url,
    token,
    server: SERVER,
  });
  onTestFinished(() => source.stop());
  const endpoints = (): string[] | undefined => source.view()?.services.map(({ endpoint }) => endpoint);
  const until = (what: string, isSo: () => boolean): Promise<void> => waitUntil(what, isSo, 20_000);
  const shows = (...expected: string[]): Promise<void> =>
    until(`it shows ${expected.join()}`, () => JSON.stringify(endpoints()) === JSON.stringify(expected));
  return { server, source, log, registry, endpoints, until, shows };
}

test("follows a daemon: a snapshot, then every change", async () => {
  const { server, source, registry, shows, until } = await scene();
  await source.start();
  expect([source.view(), source.doubt()]).toEqual([undefined, expect.stringContaining("not reached")]);
  await server.event(
    "snapshot",
    snapshot([wireService("http://a"), wireService("http://x", { servers: ["z"] })]),
    "e-1",
  );
  await shows("http://a");
  expect([source.doubt(), source.view()?.state]).toEqual([undefined, "active"]);
  expect(["default", "probes", "gone"].map((name) => source.view()?.exportOf(name))).toEqual([
    "standard",
    "blackbox",
    "disabled",
  ]);

  const change = (kind: string, op: string, item: object) => server.event("change", { kind, op, item }, "e-2");
  await change("services", "put", wireService("http://b"));
  await shows("http://a", "http://b");
  await change("services", "put", wireService("http://a", { servers: ["z"] }));
  await shows("http://b");
  await change("services", "put", wireService("http://c", { status: "held" }));
  await shows("http://b", "http://c");
  await change("services", "delete", { namespace: "default", id: "http://b" });
  await shows("http://c");
  await change("namespaces", "put", { name: "default", export: 0, modified: "" });
  await until("default is disabled", () => source.view()?.exportOf("default") === "disabled");
  await change("servers", "delete", { name: SERVER });
  await until("the server is gone", () => source.view()?.state === undefined);
  await change("hosts", "put", { hostname: "h" });
  const metrics = await registry.metrics();
  for (const [op, count] of Object.entries({ put: 3, delete: 1, snapshot: 1 })) {
    expect(metrics).toContain(`discovery_exporter_service_watch_events_total{op="${op}"} ${count}`);
  }
});

test("asks for what it needs, with its token, and goes on where it was", async () => {
  const { server, source, shows, until } = await scene({ token: "sešit" });
  await source.start();
  await server.event("snapshot", snapshot([wireService("http://a")]), "e-7");
  await shows("http://a");
  expect(server.requests[0]?.url).toBe("/v1/watch?kinds=namespaces,servers,services");
  const header = server.requests[0]?.headers.authorization ?? "";
  expect(Buffer.from(header, "latin1").toString("utf8")).toBe("Bearer sešit");
  expect(server.requests[0]?.headers["last-event-id"]).toBeUndefined();

  server.drop();
  await until("it is in doubt", () => source.doubt() !== undefined);
  await shows("http://a");
  await until("it came back", () => server.requests.length === 2);
  expect(server.requests[1]?.headers["last-event-id"]).toBe("e-7");
  await until("it sees that it is back", () => source.doubt() === "changes may still be coming");
  await server.event("change", { kind: "services", op: "put", item: wireService("http://b") }, "e-8");
  await shows("http://a", "http://b");
  await until("it is certain again", () => source.doubt() === undefined);
});

test("while the daemon isn't ready it keeps what it knew, and tries again ever more seldom", async () => {
  const { server, source, log, shows, until } = await scene();
  server.plan = { status: 503 };
  await source.start();
  await until("it was refused", () => source.doubt()?.includes("status 503: not now") === true);
  expect(source.view()).toBeUndefined();
  server.plan = {};
  await server.event("snapshot", snapshot([wireService("http://a")]));
  await shows("http://a");
  server.plan = { status: 503 };
  server.drop();
  const before = server.requests.length;
  await until("it tried three times", () => server.requests.length >= before + 3);
  await shows("http://a");
  expect(source.doubt()).toContain("503");
  expect(log.at("warn")).toHaveLength(2);
});

test("gives up a connection on what is no event, without taking anything of it", async () => {
  const { server, source, shows, until } = await scene();
  await source.start();
  await server.event("snapshot", snapshot([wireService("http://a")]), "e-1");
  await shows("http://a");
  for (const data of ['{"kind":"services","op":"put","item":{}}', "{", '{"kind":"services","op":"x","item":{}}']) {
    const before = server.requests.length;
    await server.send(`event: change\nid: e-2\ndata: ${data}\n\n`);
    await until("it came back", () => server.requests.length > before);
    expect(server.requests.at(-1)?.headers["last-event-id"]).toBe("e-1");
  }
  await server.event("snapshot", { ...snapshot([]), services: "none" });
  await shows("http://a");
  server.plan = { headers: { "Content-Type": "text/html" } };
  server.drop();
  await until(
    "it says what it got",
    () => source.doubt()?.includes("expected an event stream, got text/html") === true,
  );
});

test("leaves out what Prometheus would refuse the whole list for", async () => {
  const { server, source, log, shows } = await scene();
  await source.start();
  const labelled = wireService("http://b", { labels: { "no-label": "x" } });
  await server.event("snapshot", snapshot([wireService("ftp:///etc/passwd"), labelled, wireService("http://a")]));
  await shows("http://a");
  expect(log.at("warn").map(({ message }) => message)).toEqual(["service left out"]);
});

test("is in doubt while the daemon is out of reach of its backend, and asks again", { timeout: 30_000 }, async () => {
  const { server, source, shows } = await scene();
  server.plan = { headers: { "X-Discovery-Stale": "60" } };
  await source.start();
  await server.event("snapshot", snapshot([wireService("http://a")]), "e-1");
  await shows("http://a");
  expect(source.doubt()).toBe("the daemon is out of reach of its backend");
  server.plan = {};
  await waitUntil("it asked again, and is certain", () => source.doubt() === undefined, 20_000);
  expect(server.requests).toHaveLength(2);
});

test("nothing counts as gone just after the server became active, when its services may still follow", async () => {
  const { server, source, until, shows } = await scene();
  await source.start();
  await server.event("snapshot", snapshot([], "0"), "e-1");
  await until("the server is leaving", () => source.view()?.state === "leaving");
  await server.event("change", { kind: "servers", op: "put", item: snapshot([]).servers[0] }, "e-2");
  await until("it is active", () => source.view()?.state === "active");
  expect(source.doubt()).toBe("changes may still be coming");
  await server.event("change", { kind: "services", op: "put", item: wireService("http://a") }, "e-3");
  await shows("http://a");
  await until("it is certain", () => source.doubt() === undefined);
});

test("stops at once, whatever it waits for", async () => {
  // Its time stands still, so that nothing of what it waits for ever comes.
  const clock = new VirtualClock();
  const { source, server, until } = await scene({ clock });
  server.plan = { status: 503 };
  await source.start();
  await until("it waits before it tries again", () => source.doubt()?.includes("503") === true);
  await source.stop();
  expect(clock.pending).toBe(0);
});
