import { mkdir, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ServerProcess, waitUntil } from "@org/discovery-test-servers";
import { expect, onTestFinished, test } from "vitest";
import { Discoveryd, type DiscoverydOptions } from "./discoveryd.ts";
import { redisForTest } from "./redis.ts";
import { folderForTest } from "./folder.ts";
import { runDiscoveryd } from "./run-discoveryd.ts";

const NAME = "@org/discovery-example-hub-driver";
const DRIVER = fileURLToPath(import.meta.resolve("@org/discovery-example-hub-driver"));
const PACKAGE = dirname(dirname(DRIVER));
const HUB = join(dirname(DRIVER), "main.ts");
/** Ten keep-alives: a machine that stands still for some seconds makes nobody look dead. */
const TTL_MS = 5000;
/** What comes later may have come by an expiry. */
const BEFORE_TTL_MS = TTL_MS - 1000;

/** The example's hub, for the test that runs. */
async function hubForTest(): Promise<ServerProcess> {
  const hub = await ServerProcess.start({
    command: process.execPath,
    args: ({ port }) => [HUB, "--port", String(port)],
    answers: ({ port }) => accepts(port),
  });
  onTestFinished(() => hub.stop());
  return hub;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    const finish = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.on("connect", () => finish(true));
    socket.on("error", () => finish(false));
  });
}

function daemonWith(driver: string, port: number, options: DiscoverydOptions = {}): Promise<Discoveryd> {
  const own = ["--driver", driver, "--driver-options", JSON.stringify({ [driver]: { port } })];
  const timing = ["--keep-alive", "500ms", "--ttl", `${TTL_MS}ms`, "--clean-every", "500ms"];
  return Discoveryd.start({ ...options, flags: [...own, ...timing, ...(options.flags ?? [])] });
}

/** A folder in which somebody has run `npm install` for the driver. */
async function folderWithDriver(): Promise<string> {
  const folder = await folderForTest();
  await mkdir(join(folder, "node_modules", "@org"), { recursive: true });
  await symlink(PACKAGE, join(folder, "node_modules", NAME));
  return folder;
}

test("a driver of a third party, by path and by npm name, carries a fleet through an outage", async () => {
  const hub = await hubForTest();
  const { port } = hub.place;
  const cwd = await folderWithDriver();
  const [byPath, byName] = await Promise.all([
    daemonWith(DRIVER, port, { flags: ["--hostname", "path.example.com"] }),
    daemonWith(NAME, port, { cwd, flags: ["--hostname", "name.example.com"] }),
  ]);
  const daemons = [byPath, byName];
  const areComplete = async (): Promise<boolean> =>
    (await Promise.all(daemons.map((d) => d.hosts()))).every((l) => l.length === 2);
  await waitUntil("both know both", areComplete);
  await byPath.addLabels("service:web");
  const isKnown = async (): Promise<boolean> => (await byName.text("/")).includes("service:web");
  await waitUntil("the change is known", isKnown);
  const isUp = async (): Promise<boolean> => (await byPath.metric(`discovery_link_up{driver="hub"}`)) === 1;
  await waitUntil("it says that the hub is there", isUp);

  await hub.kill();
  await new Promise((resolve) => setTimeout(resolve, TTL_MS + 1500));
  for (const daemon of daemons) {
    const answer = await daemon.fetch("/");
    expect(answer.headers.has("X-Discovery-Stale")).toBe(true);
    expect(await answer.json()).toHaveLength(2);
  }
  await hub.restart();
  // A daemon whose own link is still down can say no goodbye.
  const areFresh = async (): Promise<boolean> =>
    (await Promise.all(daemons.map((d) => d.fetch("/")))).every(({ headers }) => !headers.has("X-Discovery-Stale"));
  await waitUntil("both are back", areFresh);
  expect(await byPath.end("SIGTERM")).toMatchObject({ code: 0 });
  await waitUntil("the goodbye came", async () => (await byName.hosts()).length === 1, BEFORE_TTL_MS);
});

test("beside a built-in driver it is one of several", async () => {
  const [hub, redis] = await Promise.all([hubForTest(), redisForTest()]);
  const flags = ["--driver", `redis,${DRIVER}`, "--redis-url", redis.url, "--keep-alive", "500ms"];
  const options = ["--driver-options", JSON.stringify({ [DRIVER]: { port: hub.place.port } })];
  const both = await Discoveryd.start({ flags: [...flags, ...options, "--hostname", "both.example.com"] });
  await daemonWith(DRIVER, hub.place.port, { flags: ["--hostname", "hub.example.com"] });
  const isKnown = async (): Promise<boolean> => (await both.hostnames()).join() === "both.example.com,hub.example.com";
  await waitUntil("the one on the hub is known", isKnown);
});

test.each([
  ["./missing.ts", {}, /^--driver: expected a driver that can be loaded, got ".\/missing.ts": Cannot find module/],
  ["@acme/missing", {}, /^--driver: expected a driver that .* Cannot find package '@acme\/missing'/],
  ["./none.mjs", {}, /^--driver: expected a module whose default export is a driver factory .*, got ".\/none.mjs"/],
  ["./throws.mjs", {}, /^--driver: expected a driver that can be loaded, got ".\/throws.mjs": no licence/],
  [DRIVER, { port: 70_000 }, /^--driver-options ".*"\.port: expected a TCP port, got 70000/],
  [DRIVER, { portt: 7070 }, /\.portt: expected an option of driver hub \(did you mean port\?\), got 7070/],
])("%s with %o ends with 78 and one line that says why", async (driver, options, reason) => {
  const cwd = await folderForTest();
  await writeFile(join(cwd, "none.mjs"), "export const driver = {};");
  await writeFile(join(cwd, "throws.mjs"), `throw new Error("no licence");`);
  const flags = ["--driver", driver, "--driver-options", JSON.stringify({ [driver]: options }), "--data-dir", cwd];
  const { code, stdout, stderr } = await runDiscoveryd([...flags, "--http-listen", "127.0.0.1:0"], { HOME: cwd }, cwd);
  expect([code, stdout]).toEqual([78, ""]);
  const lines = stderr.trimEnd().split("\n");
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(reason);
  expect(lines[0]).toMatch(/ \(from flag\)$/);
});
