import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { Discoveryd } from "./discoveryd.ts";

/** How much longer than a program that does nothing it may take, where that is more than 20 s because the machine is busy. */
const MOST_TIMES_LONGER = 100;

test("with nothing configured it runs on the embedded driver and lists this machine within seconds", async () => {
  const begun = performance.now();
  const daemon = await Discoveryd.start({ flags: ["--hostname", "first.example.com"] });
  const took = performance.now() - begun;
  expect(took).toBeLessThan(Math.max(20_000, MOST_TIMES_LONGER * millisecondsOfNothing()));

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

function millisecondsOfNothing(): number {
  const begun = performance.now();
  spawnSync(process.execPath, ["--eval", ""]);
  return performance.now() - begun;
}
