import { expect, test } from "vitest";
import { Discoveryd } from "./discoveryd.ts";

test("with nothing configured it runs on the embedded driver and lists this machine within seconds", async () => {
  const begun = performance.now();
  const daemon = await Discoveryd.start({ flags: ["--hostname", "first.example.com"] });
  expect(performance.now() - begun).toBeLessThan(20_000);

  expect(await daemon.hostnames()).toEqual(["first.example.com"]);
  expect(await daemon.metric('discovery_link_up{driver="local"}')).toBe(1);

  expect(await daemon.addLabels("service:web", "prometheus:node")).toBe("OK");
  expect(await daemon.json("/v1/resolve?label=service:web")).toEqual(["first.example.com"]);
  expect(await daemon.json("/v1/prometheus/node")).toEqual([{ targets: ["first.example.com:9100"], labels: {} }]);
});

test("labels added through the API outlive kill -9", async () => {
  const daemon = await Discoveryd.start({ flags: ["--hostname", "kept.example.com"] });
  await daemon.addLabels("service:web");
  await daemon.kill();
  await daemon.restart();
  expect(await daemon.json("/v1/resolve?label=service:web")).toEqual(["kept.example.com"]);
});
