import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FleetRecord, VirtualClock } from "@org/discovery-core";
import { expect, onTestFinished, test } from "vitest";
import { FleetFile } from "../../src/presence/fleet-file.ts";
import { RecordingLog } from "../recording-log.ts";

const HOST = { hostname: "a", labels: ["service:web"], age: 1000 };
const MINUTE_MS = 60_000;

/** A folder, and what makes one file object after another in it, as one start of a daemon after another does. */
async function folderOf() {
  const folder = await mkdtemp(join(tmpdir(), "discovery-fleet-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const clock = new VirtualClock();
  const log = new RecordingLog();
  const open = (origin = "redis lobby:discovery"): FleetFile => new FleetFile({ clock, log, folder, origin });
  return { folder, clock, lines: log.lines, open };
}

test("what one start saved the next one reads, as old as it is by then", async () => {
  const { folder, clock, lines, open } = await folderOf();
  const records = [HOST, { hostname: "b", labels: [], age: 0, over: [1] }];
  await open().write(records);
  clock.stepWall(3_600_000);
  expect(await open().read()).toEqual(records.map((record) => ({ ...record, age: record.age + 3_600_000 })));
  expect(await open("nats lobby.discovery").read()).toEqual([]);
  expect(await readdir(folder)).toEqual(["fleet.json"]);
  expect(lines).toEqual([]);
});

test("a fleet that does not change is saved all the same, at most once a minute, so that its age stays true", async () => {
  const { clock, open } = await folderOf();
  const file = open();
  for (let minute = 0; minute < 10; minute++) {
    await file.write([HOST]);
    await clock.advance(MINUTE_MS / 2);
    await file.write([HOST]);
    await clock.advance(MINUTE_MS / 2);
  }
  const [saved] = await open().read();
  expect(saved?.age).toBe(HOST.age + MINUTE_MS);
});

test("saves that are asked for at the same time come one after the other", async () => {
  const { lines, open } = await folderOf();
  const file = open();
  const fleets = Array.from({ length: 20 }, (_, size): FleetRecord[] =>
    Array.from({ length: 20 - size }, (_, index) => ({ ...HOST, hostname: `host-${index}` })),
  );
  await Promise.all(fleets.map((records) => file.write(records)));
  expect(await open().read()).toEqual([{ ...HOST, hostname: "host-0" }]);
  expect(lines).toEqual([]);
});

test.each([
  "",
  "{",
  "null",
  '{"hosts":[]}',
  '{"origin":"redis lobby:discovery","savedAt":1,"hosts":[{"hostname":"\\n"}]}',
])("starts without a file that says %j, and says so", async (text) => {
  const { folder, lines, open } = await folderOf();
  await writeFile(join(folder, "fleet.json"), text);
  expect(await open().read()).toEqual([]);
  expect(lines).toHaveLength(1);
  await open().write([HOST]);
  expect(await open().read()).toEqual([HOST]);
});

test("that it can't be saved is told once, and again after it could", async () => {
  const { folder, lines, open } = await folderOf();
  const file = open();
  const inTheWay = join(folder, "fleet.json.new");
  for (const hostname of ["a", "b"]) {
    await mkdir(join(inTheWay, "full"), { recursive: true });
    await file.write([{ ...HOST, hostname: `${hostname}-1` }]);
    await file.write([{ ...HOST, hostname: `${hostname}-2` }]);
    await rm(inTheWay, { recursive: true });
    await file.write([{ ...HOST, hostname }]);
    expect(await open().read()).toEqual([{ ...HOST, hostname }]);
  }
  expect(lines.map(({ message }) => message)).toEqual(["fleet can't be saved", "fleet can't be saved"]);
});
