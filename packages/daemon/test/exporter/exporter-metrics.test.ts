import { readFileSync } from "node:fs";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { createExporterMetrics } from "../../src/exporter/exporter-metrics.ts";

test("docs/exporter.md tells the metrics that there are, and no others", () => {
  const registry = new Registry();
  createExporterMetrics(registry);
  const page = readFileSync(new URL("../../../../docs/exporter.md", import.meta.url), "utf8");
  const told = [...page.matchAll(/^\| `(\w+)/gm)].map(([, name]) => String(name));
  expect(told.toSorted()).toEqual(
    registry
      .getMetricsAsArray()
      .map(({ name }) => name)
      .toSorted(),
  );
});
