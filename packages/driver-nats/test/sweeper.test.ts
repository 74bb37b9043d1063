import { startNats, waitUntil } from "@org/discovery-test-servers";
import { connect } from "nats";
import { expect, test } from "vitest";
import { natsKeeperWith } from "./context.ts";
import { Recorder } from "./recorder.ts";

test("old deletions leave the bucket, and nobody takes that for a loss", async () => {
  const server = await startNats();
  const options = { servers: [server.url], deletionsKeptMs: 1000 };
  const driver = natsKeeperWith(options);
  const away = natsKeeperWith({ servers: [server.url] });
  const recorders = [new Recorder(), new Recorder()] as const;
  await driver.store.watch(recorders[0]);
  await away.store.watch(recorders[1]);
  await driver.start();
  await away.start();
  for (const key of ["a", "b", "c"]) await driver.store.put(key, "1");
  await driver.store.delete("a");
  await driver.store.delete("b");
  const admin = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
  const manager = await admin.jetstreamManager();
  const subjects = async (): Promise<string[]> => {
    const { state } = await manager.streams.info("KV_discovery", { subjects_filter: ">" });
    return Object.keys(state.subjects ?? {}).toSorted();
  };
  const kept = ["$KV.discovery.c", "$KV.discovery.meta.epoch", "$KV.discovery.meta.swept"];
  await waitUntil("they are gone", async () => (await subjects()).join() === kept.join());
  await driver.store.put("a", "again", { ifRevision: 0 });
  await expect(driver.store.delete("b")).rejects.toMatchObject({ code: "not_found" });
  await waitUntil("the other daemon sees it", () => recorders[1].values["a"] === "again");
  const before = [driver, away].map(({ link }) => link.since);
  await server.restart();
  const areBack = (): boolean =>
    [driver, away].every(({ link }, index) => link.state === "up" && link.since !== before[index]);
  await waitUntil("both are back", areBack);
  await away.store.put("d", "1");
  const late = natsKeeperWith(options);
  const recorder = new Recorder();
  await late.store.watch(recorder);
  await late.start();
  await waitUntil("a third daemon reads it", () => recorder.snapshots.length > 0);
  for (const each of [...recorders, recorder]) {
    await waitUntil("all see the same", () => each.entries.has("d"));
    expect(each.values).toEqual({ a: "again", c: "1", d: "1" });
    expect(new Set(each.snapshots.map(({ epoch }) => epoch.id)).size).toBe(1);
    expect(each.last?.epoch.id).toBe(recorder.last?.epoch.id);
  }
  for (const each of [driver, away, late]) await each.close();
  await admin.close();
  await server.stop();
});
