import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodePacket, parsePacket, VirtualClock } from "@org/discovery-core";
import { expect, onTestFinished, test } from "vitest";
import { createMetrics } from "../../src/metrics.ts";
import { PresenceService } from "../../src/presence/presence-service.ts";
import { configFrom } from "../config/resolve-from.ts";
import { RecordingLog } from "../recording-log.ts";

test("announces no more labels than other daemons read in one packet, and warns of the rest", async () => {
  const folder = await mkdtemp(join(tmpdir(), "discovery-presence-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const long = Array.from({ length: 200 }, (_, index) => `${String(index).padStart(3, "0")}:${"x".repeat(1000)}`);
  await writeFile(join(folder, "long"), long.join("\n"));
  const log = new RecordingLog();
  const config = configFrom({ argv: ["--hostname", "a", "--labels-path", folder, "--data-dir", folder] });
  const surroundings = { clock: new VirtualClock(), log, random: () => 0.5, metrics: createMetrics() };
  const service = await PresenceService.create(config, { ...surroundings, drivers: [], leases: undefined });

  const { hostname, labels } = await service.local();
  await service.local();
  expect(labels.length).toBeGreaterThan(100);
  expect(labels).toEqual(long.slice(0, labels.length));
  expect(parsePacket(encodePacket({ message: "hi", hostname, labels }))).toMatchObject({ labels });
  expect(log.lines).toMatchObject([{ level: "warn", fields: { announced: labels.length, labels: 200 } }]);
});
