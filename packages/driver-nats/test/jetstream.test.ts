import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNats, waitUntil, type NatsServer } from "@org/discovery-test-servers";
import { connect } from "nats";
import { afterEach, expect, test } from "vitest";
import { LogBook, natsDriverWith, natsKeeperWith } from "./context.ts";
import { Recorder } from "./recorder.ts";

let server: NatsServer;

afterEach(() => server.stop());

test("without JetStream, presence works and every call of the store says what is missing", async () => {
  server = await startNats({ jetStream: false });
  const log = new LogBook();
  const driver = natsKeeperWith({ servers: [server.url] }, log);
  const recorder = new Recorder();
  await driver.store.watch(recorder);
  await driver.start();
  const heard: string[] = [];
  await driver.bus.subscribe("lobby.discovery", (message) => void heard.push(message));
  await driver.bus.publish("lobby.discovery", "hi");
  await waitUntil("it is heard", () => heard.length === 1);
  const epoch = { id: "x", origin: "fresh", base: 0 } as const;
  for (const call of [
    () => driver.store.put("service/a", "1"),
    () => driver.store.put("service/a", "1", { ifRevision: 0 }),
    () => driver.store.delete("service/a"),
    () => driver.store.wipe(),
    () => driver.store.restore({ epoch, revision: 1, entries: new Map() }, epoch),
    () => driver.store.watch(new Recorder()),
  ]) {
    await expect(call()).rejects.toMatchObject({ code: "unimplemented", message: /no JetStream.*presence works/ });
  }
  expect(recorder.snapshots).toEqual([]);
  await waitUntil("the link is up", () => driver.link.state === "up");
  expect(log.lines.filter(({ message }) => message === "registry out of reach")).toHaveLength(1);
  await driver.close();
});

test("an account without JetStream on a server that has it is no different", async () => {
  const folder = await mkdtemp(join(tmpdir(), "discovery-nats-accounts-"));
  const config = join(folder, "nats.conf");
  await writeFile(config, "accounts { A { users: [{ user: u, password: p }] } }\n");
  server = await startNats({ args: ["--config", config] });
  const driver = natsKeeperWith({ servers: [server.url], username: "u", password: "p" });
  await driver.start();
  await expect(driver.store.put("service/a", "1")).rejects.toMatchObject({ code: "unimplemented" });
  await driver.bus.publish("lobby.discovery", "hi");
  await driver.close();
  await rm(folder, { recursive: true });
});

test("without a store asked for there is none, and JetStream is left alone", async () => {
  server = await startNats();
  const driver = natsDriverWith({ servers: [server.url], store: false });
  await driver.start();
  expect(driver.store).toBeUndefined();
  await driver.bus.publish("lobby.discovery", "hi");
  const admin = await connect({ servers: server.url });
  const manager = await admin.jetstreamManager();
  expect((await manager.getAccountInfo()).streams).toBe(0);
  await admin.close();
  await driver.close();
});

test("a bucket is made as the options say, and one that exists is taken as it is", async () => {
  server = await startNats();
  const first = natsKeeperWith({
    servers: [server.url],
    prefix: "eu-",
    bucket: "fleet",
    history: 3,
    maxBytes: 1_000_000,
  });
  await first.start();
  const revision = await first.store.put("service/a", "1");
  const second = natsKeeperWith({ servers: [server.url], prefix: "eu-", bucket: "fleet", history: 7 });
  await second.start();
  expect(await second.store.put("service/a", "2", { ifRevision: revision })).toBe(revision + 1);
  const admin = await connect({ servers: server.url });
  const manager = await admin.jetstreamManager();
  const { config } = await manager.streams.info("KV_eu-fleet");
  expect(config).toMatchObject({ max_msgs_per_subject: 3, max_bytes: 1_000_000, num_replicas: 1, storage: "file" });
  await admin.close();
  await first.close();
  await second.close();
});

test("a full bucket refuses writes, and says so", async () => {
  server = await startNats();
  const driver = natsKeeperWith({ servers: [server.url], maxBytes: 10_000 });
  await driver.start();
  const recorder = new Recorder();
  await driver.store.watch(recorder);
  await waitUntil("the first snapshot", () => recorder.snapshots.length > 0);
  await driver.store.put("service/small", "1");
  await expect(driver.store.put("service/large", "x".repeat(20_000))).rejects.toMatchObject({
    code: "unavailable",
    message: /maximum bytes exceeded/,
  });
  expect(recorder.values).toEqual({ "service/small": "1" });
  await driver.close();
});
