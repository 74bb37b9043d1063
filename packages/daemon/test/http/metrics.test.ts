import { expect, it } from "vitest";
import { createMetrics } from "../../src/metrics.ts";
import { appUnderTest } from "./app-under-test.ts";

it("GET /metrics shows what was counted, and the process", async () => {
  const { app, metrics } = await appUnderTest();
  metrics.hosts.set(3);
  metrics.packetsReceived.inc({ result: "not_json" });
  metrics.packetsUnproven.inc({ reason: "unsigned", dropped: "true" });
  metrics.packetsSent.inc({ kind: "hi" });
  metrics.linkUp.set({ driver: "redis" }, 1);
  metrics.duplicateHostnames.inc();
  metrics.callbackRuns.inc({ result: "timeout" });
  metrics.webhookDeliveries.inc({ result: "rejected" });
  const response = await app.request("/metrics");
  expect(response.headers.get("Content-Type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const lines = (await response.text()).split("\n");
  expect(lines).toEqual(
    expect.arrayContaining([
      "discovery_hosts 3",
      'discovery_packets_received_total{result="not_json"} 1',
      'discovery_packets_unproven_total{reason="unsigned",dropped="true"} 1',
      'discovery_packets_sent_total{kind="hi"} 1',
      'discovery_link_up{driver="redis"} 1',
      "discovery_duplicate_hostnames_total 1",
      'discovery_callback_runs_total{result="timeout"} 1',
      'discovery_webhook_deliveries_total{result="rejected"} 1',
    ]),
  );
  expect(lines.some((line) => line.startsWith("process_resident_memory_bytes "))).toBe(true);
});

it("requests are measured by route pattern, so that no client can make up a series", async () => {
  const { app, metrics } = await appUnderTest();
  for (const path of ["/v1/prometheus/a", "/v1/prometheus/b", "/v1/sd/hosts?port=x", "/made/up/1", "/made/up/2", "/"]) {
    await app.request(path);
  }
  await app.request("/v1/labels", { method: "BREW" });
  const { values } = await metrics.httpDuration.get();
  const counts = values
    .filter((value) => value.metricName === "discovery_http_request_duration_seconds_count")
    .map(({ labels, value }) => `${labels["method"]} ${labels["route"]} ${labels["status"]} ${value}`);
  expect(counts.toSorted()).toEqual([
    "GET / 200 1",
    "GET /v1/prometheus/:name 200 2",
    "GET /v1/sd/hosts 400 1",
    "GET none 404 2",
    "other /v1/labels 405 1",
  ]);
});

it("two daemons in one process share nothing", async () => {
  const one = createMetrics();
  const other = createMetrics();
  one.hosts.set(7);
  expect(await other.registry.getSingleMetricAsString("discovery_hosts")).toContain("discovery_hosts 0");
});
