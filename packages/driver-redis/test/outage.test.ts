import { toError } from "@org/discovery-core";
import { startRedis, waitUntil } from "@org/discovery-test-servers";
import { expect, test } from "vitest";
import { connectTo } from "./connect.ts";
import { Recorder } from "./recorder.ts";

test("a server that is loading its data is waited for, and says so", async () => {
  const redis = await startRedis({
    // It takes six seconds: a driver that a busy machine lets stand still for some of them comes in time to hear of it.
    args: ["--key-load-delay", "200", "--loading-process-events-interval-bytes", "1024"],
  });
  const driver = connectTo({ url: redis.url });
  await driver.start();
  await driver.store.put("service/a", "1");
  await redis.cli("eval", "for i = 1, 20000 do redis.call('set', 'filler' .. i, i) end", "0");
  await redis.kill();
  const restarted = redis.restart();
  const refusal = async (): Promise<string> => {
    const refused = await driver.store.put("service/b", "1").catch(toError);
    return refused instanceof Error ? refused.message : "";
  };
  await waitUntil("the server's words", async () => (await refusal()).includes("LOADING"));
  expect(driver.link.state).toBe("down");
  await restarted;
  await waitUntil("the link is up", () => driver.link.state === "up", 2000);
  expect(await driver.store.put("service/b", "1")).toBe(2);
  await driver.close();
  await redis.stop();
});

test("a frozen server: lost in time, writes without an answer are unknown, everything right after the thaw", async () => {
  const redis = await startRedis();
  const driver = connectTo({ url: redis.url, linkTimeoutMs: 3000, pingIntervalMs: 500 });
  await driver.start();
  const recorder = new Recorder();
  await driver.store.watch(recorder);
  redis.freeze();
  const unanswered = driver.store.put("service/a", "1").catch((error: unknown) => error);
  await waitUntil("the link is down", () => driver.link.state === "down", 5000);
  expect(await unanswered).toMatchObject({ code: "outcome_unknown" });
  expect(driver.link.state).toBe("down");
  await expect(driver.store.put("service/b", "1")).rejects.toMatchObject({ code: "unavailable" });
  await expect(driver.bus.publish("lobby:discovery", "hi")).rejects.toMatchObject({ code: "unavailable" });
  redis.thaw();
  await waitUntil("the link is up", () => driver.link.state === "up", 2000);
  await driver.store.put("service/c", "1");
  expect([...recorder.values.keys()].toSorted().at(-1)).toBe("service/c");
  expect(recorder.values.has("service/b")).toBe(false);
  expect(recorder.disorder).toEqual([]);
  await driver.close();
  await redis.stop();
});

test("a primary that became a replica takes no writes, and says so", async () => {
  const [primary, other] = await Promise.all([startRedis(), startRedis()]);
  const driver = connectTo({ url: primary.url });
  await driver.start();
  await driver.store.put("service/a", "1");
  await primary.cli("replicaof", "127.0.0.1", String(other.port));
  await expect(driver.store.put("service/b", "1")).rejects.toMatchObject({ code: "unavailable" });
  await primary.cli("replicaof", "no", "one");
  await waitUntil("the link is up", () => driver.link.state === "up");
  await driver.close();
  await Promise.all([primary.stop(), other.stop()]);
});

test("with waitReplicas a write is answered once a replica has it, and unknown where none has", async () => {
  const primary = await startRedis();
  const replica = await startRedis({ args: ["--replicaof", `127.0.0.1 ${primary.port}`] });
  await waitUntil("the replica follows", async () =>
    (await primary.cli("info", "replication")).includes("state=online"),
  );
  const driver = connectTo({ url: primary.url, waitReplicas: 1, waitTimeoutMs: 4000 });
  await driver.start();
  await driver.store.put("service/a", "1");
  expect(await replica.cli("hget", "{discovery}:entries", "service/a")).toBe("1 1");
  replica.freeze();
  await expect(driver.store.put("service/b", "1")).rejects.toMatchObject({
    code: "outcome_unknown",
    message: expect.stringContaining("0 of 1 replicas") as string,
  });
  await driver.close();
  await Promise.all([primary.stop(), replica.stop()]);
});
