import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDiscoveryError } from "@org/discovery-core";
import { startNats, waitUntil, type NatsServer } from "@org/discovery-test-servers";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { LogBook, natsDriverWith, natsKeeperWith } from "./context.ts";
import { Recorder } from "./recorder.ts";
import { operatorMode, seedOf, userKey } from "./jwt.ts";

type Options = Parameters<typeof natsDriverWith>[0];

let folder: string;
let server: NatsServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "discovery-nats-login-"));
});

afterAll(() => rm(folder, { recursive: true }));

afterEach(() => server.stop());

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** Logs in and uses both the bus and the store. */
async function works(options: Options): Promise<void> {
  const driver = natsKeeperWith(options);
  await driver.start();
  expect(await driver.store.put("service/a", "1")).toBeGreaterThan(0);
  await driver.bus.publish("lobby.discovery", "hi");
  await driver.close();
}

/** Keeps trying, and says that it was refused, without the secret. */
async function refused(options: Options, secret: string): Promise<void> {
  const log = new LogBook();
  const driver = natsDriverWith(options, log);
  const started = driver.start().catch((error: unknown) => error);
  await waitUntil("the refusal is told", () => isDiscoveryError(driver.link.lastError, "unauthenticated"));
  expect(driver.link.state).toBe("down");
  await driver.close();
  expect(JSON.stringify([log.lines, String(await started), driver.link.lastError])).not.toContain(secret);
}

const at = (login: string): string => server.url.replace("//", `//${login}@`);

test("user and password, in the options or in the URL", async () => {
  server = await startNats({ args: ["--user", "keeper", "--pass", "p@ss/wörd"] });
  await works({ servers: [server.url], username: "keeper", password: "p@ss/wörd" });
  await works({ servers: [at(`keeper:${encodeURIComponent("p@ss/wörd")}`)] });
  await refused({ servers: [server.url], username: "keeper", password: "geheim" }, "geheim");
  await refused({ servers: [at("keeper:geheim")] }, "geheim");
  await refused({ servers: [server.url] }, "no secret");
});

test("a token, in the options or in the URL", async () => {
  server = await startNats({ args: ["--auth", "t0ken"] });
  await works({ servers: [server.url], token: "t0ken" });
  await works({ servers: [at("t0ken")] });
  await refused({ servers: [server.url], token: "geheim" }, "geheim");
});

test("an nkey, from the options or a file", async () => {
  const key = userKey();
  const config = await file("nkey.conf", `authorization { users: [{ nkey: ${key.getPublicKey()} }] }\n`);
  server = await startNats({ args: ["--config", config] });
  await works({ servers: [server.url], nkeySeed: seedOf(key) });
  await works({ servers: [server.url], nkeyFile: await file("user.nk", `# the seed\n${seedOf(key)}\n`) });
  const other = seedOf(userKey());
  await refused({ servers: [server.url], nkeySeed: other }, other);
  await refused({ servers: [server.url], nkeyFile: await file("empty.nk", "geheim") }, "geheim");
});

test("a credentials file", async () => {
  const { config, credentials } = operatorMode();
  server = await startNats({ args: ["--config", await file("operator.conf", config)] });
  await works({ servers: [server.url], credentialsFile: await file("user.creds", credentials) });
  const stranger = operatorMode().credentials;
  await refused({ servers: [server.url], credentialsFile: await file("stranger.creds", stranger) }, stranger);
  await refused({ servers: [server.url], credentialsFile: await file("empty.creds", "geheim") }, "geheim");
});

test("rotated credentials are taken up without a restart", async () => {
  const [old, key] = [userKey(), userKey()];
  const config = await file("rotated.conf", `authorization { users: [{ nkey: ${key.getPublicKey()} }] }\n`);
  server = await startNats({ args: ["--config", config] });
  const nkeyFile = await file("rotated.nk", seedOf(old));
  const driver = natsDriverWith({ servers: [server.url], nkeyFile });
  const started = driver.start();
  await waitUntil("the refusal is told", () => isDiscoveryError(driver.link.lastError, "unauthenticated"));
  await file("rotated.nk", seedOf(key));
  await started;
  expect(driver.link.state).toBe("up");
  await driver.close();
});

test("a user with no more rights than the README says", async () => {
  const api = ["STREAM.INFO", "STREAM.CREATE", "STREAM.PURGE", "STREAM.MSG.GET", "CONSUMER.CREATE"];
  const publish = [
    ...["lobby.>", "$KV.discovery.>", "$JS.FC.KV_discovery.>", "$JS.API.CONSUMER.DELETE.KV_discovery.*"],
    ...api.map((call) => `$JS.API.${call}.KV_discovery`),
  ];
  const permissions = JSON.stringify({ publish, subscribe: ["lobby.>", "_INBOX.>"] });
  const config = await file(
    "least.conf",
    `authorization { users: [{ user: u, password: p, permissions: ${permissions} }] }\n`,
  );
  server = await startNats({ args: ["--config", config] });
  const log = new LogBook();
  const driver = natsKeeperWith({ servers: [server.url], username: "u", password: "p", deletionsKeptMs: 1000 }, log);
  const recorder = new Recorder();
  await driver.store.watch(recorder);
  await driver.start();
  await waitUntil("the first snapshot", () => recorder.snapshots.length > 0);
  const entries = new Map([["service/a", { value: "1", revision: 7 }]]);
  const { epoch } = recorder.replica();
  await driver.store.restore({ epoch, revision: 7, entries }, epoch);
  await driver.store.delete("service/a", { ifRevision: 7 });
  await driver.store.put("service/b", "1");
  await driver.store.delete("service/b");
  await waitUntil("deletions are forgotten", () => log.lines.some(({ message }) => message === "forgot old deletions"));
  await driver.store.wipe();
  await driver.bus.publish("lobby.discovery", "hi");
  expect(recorder.last?.epoch.origin).toBe("wiped");
  await driver.close();
  expect(log.lines.filter(({ level }) => level === "error")).toEqual([]);
});

test("what the user may not publish fails as permission_denied, and presence elsewhere works", async () => {
  const permissions = `{ publish: ["lobby.>", "_INBOX.>"], subscribe: ["lobby.>", "_INBOX.>"] }`;
  const config = await file(
    "permissions.conf",
    `authorization { users: [{ user: u, password: p, permissions: ${permissions} }] }\n`,
  );
  server = await startNats({ args: ["--config", config] });
  const log = new LogBook();
  const driver = natsDriverWith({ servers: [server.url], username: "u", password: "p", store: false }, log);
  await driver.start();
  await expect(driver.bus.publish("elsewhere", "hi")).rejects.toMatchObject({ code: "permission_denied" });
  await driver.bus.publish("lobby.discovery", "hi");
  expect(log.lines.filter(({ level }) => level === "error")).toHaveLength(1);
  await driver.close();
});
