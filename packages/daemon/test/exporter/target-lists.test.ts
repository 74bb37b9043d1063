import type { ExportConfig, Service } from "@org/discovery-core";
import { expect, test } from "vitest";
import { TargetListRenderer } from "../../src/exporter/target-lists.ts";
import { service } from "./told-source.ts";

const A = service("node", "http://a.example.com:9100/metrics");
const B = service("node", "http://b.example.com:9100/metrics");
const C = service("smtp", "https://c.example.com/probe?module=x", "blackbox");
const D = service("web", "http://d.example.com", "off");
const EXPORTS: Readonly<Record<string, ExportConfig>> = { blackbox: "blackbox", off: "disabled" };
const exportOf = (namespace: string): ExportConfig => EXPORTS[namespace] ?? "standard";

test("one list for each namespace and job, in the namespace's own way; none where it is disabled", () => {
  const { files } = new TargetListRenderer().render({ services: [B, A, C, D], exportOf });
  expect(Object.fromEntries(Array.from(files, ([file, text]) => [file, JSON.parse(text) as unknown]))).toEqual({
    "default/node.json": ["a", "b"].map((host) => ({
      targets: [`${host}.example.com:9100`],
      labels: {
        __metrics_path__: "/metrics",
        __scheme__: "http",
        instance: `${host}.example.com:9100`,
        job: "node",
      },
    })),
    "blackbox/smtp.json": [{ targets: ["https://c.example.com/probe?module=x"], labels: {} }],
  });
});

test("what has not changed is not rendered again, and what has is", () => {
  const renderer = new TargetListRenderer();
  let rendered = 0;
  const counted = {
    ...A,
    get endpoint() {
      rendered += 1;
      return A.endpoint;
    },
  };
  const render = (services: readonly Service[], how = exportOf) => renderer.render({ services, exportOf: how }).files;
  const first = render([counted, B]);
  expect(rendered).toBeGreaterThan(0);
  rendered = 0;
  const second = render([counted, B, C]);
  expect(rendered).toBe(0);
  expect(second.get("default/node.json")).toBe(first.get("default/node.json"));
  expect(render([counted]).get("default/node.json")).not.toContain("b.example.com");
  const blackbox = render([counted], () => "blackbox").get("default/node.json");
  expect(blackbox).toContain('["http://a.example.com:9100/metrics"]');
});

test("leaves out services whose names would lead out of the directory", () => {
  const evil = [service("../../etc/passwd", "http://x"), service("job", "http://y", "..")];
  const { files, refused } = new TargetListRenderer().render({ services: [...evil, A], exportOf });
  expect([...files.keys()]).toEqual(["default/node.json"]);
  expect(refused).toEqual(evil);
});
