import type { Log } from "@org/discovery-core";
import { startRedis, waitUntil, type RedisServer } from "@org/discovery-test-servers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectTo } from "./connect.ts";

let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis({ password: "geheim" });
  await redis.cli(
    "acl",
    "setuser",
    "keeper",
    "on",
    ">pa:ss/wörd",
    "~{reg}:*",
    "&{reg}:*",
    "&lobby:*",
    "+@all",
    "-@admin",
    "-@dangerous",
  );
});

afterAll(() => redis.stop());

test("a password, in the URL or beside it", async () => {
  for (const options of [
    { url: `redis://:geheim@127.0.0.1:${redis.port}` },
    { url: redis.url, password: "geheim" },
    { port: redis.port, password: "geheim" },
  ]) {
    const driver = connectTo(options);
    await driver.start();
    expect(await driver.store.put("service/a", "1")).toBeGreaterThan(0);
    await driver.close();
  }
});

test("an ACL user with no more rights than the README says", async () => {
  const driver = connectTo({ url: redis.url, username: "keeper", password: "pa:ss/wörd", prefix: "reg" });
  await driver.start();
  const heard: string[] = [];
  await driver.bus.subscribe("lobby:discovery", (message) => void heard.push(message));
  await driver.bus.publish("lobby:discovery", "hi");
  expect(await driver.store.put("service/a", "1")).toBe(1);
  await waitUntil("the message is heard", () => heard.length === 1);
  await expect(driver.bus.subscribe("elsewhere", () => {})).rejects.toThrow(/NOPERM/);
  expect(driver.link.state).toBe("up");
  await driver.close();
});

test("a user without rights on the keys is refused in the server's words", async () => {
  const driver = connectTo({ url: redis.url, username: "keeper", password: "pa:ss/wörd", prefix: "other" });
  const started = driver.start().catch((error: unknown) => error);
  await waitUntil("the refusal", () => driver.link.lastError?.message.includes("NOPERM") === true);
  await driver.close();
  expect(String(await started)).toContain("driver closed");
});

test("a wrong password is told in the server's words, tried again, and not logged", async () => {
  const lines: string[] = [];
  const line = (fields: object, message: string): void => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = { debug: line, info: line, warn: line, error: line };
  const driver = connectTo({ url: redis.url, username: "late", password: "verraten" }, { log });
  const started = driver.start();
  await waitUntil("the refusal", () => driver.link.lastError?.message.includes("WRONGPASS") === true);
  expect(driver.link.lastError).toMatchObject({ code: "unavailable" });
  expect(driver.link.state).toBe("down");
  await expect(driver.store.put("service/a", "1")).rejects.toMatchObject({ code: "unavailable" });
  await redis.cli("acl", "setuser", "late", "on", ">verraten", "~*", "&*", "+@all");
  await started;
  expect(driver.link.state).toBe("up");
  await driver.close();
  expect(lines.filter((text) => text.includes("WRONGPASS"))).toHaveLength(1);
  expect(lines.join("\n")).not.toContain("verraten");
});

test("two databases are two registries on one bus", async () => {
  const first = connectTo({ url: `redis://:geheim@127.0.0.1:${redis.port}/3` });
  const second = connectTo({ url: redis.url, password: "geheim", db: 4 });
  await Promise.all([first.start(), second.start()]);
  await first.store.put("service/only-in-3", "1");
  await expect(second.store.delete("service/only-in-3")).rejects.toMatchObject({ code: "not_found" });
  expect(await redis.cli("-n", "3", "hkeys", "{discovery}:entries")).toBe("service/only-in-3");
  const heard: string[] = [];
  await second.bus.subscribe("lobby:discovery", (message) => void heard.push(message));
  await first.bus.publish("lobby:discovery", "hi");
  await waitUntil("the message is heard", () => heard[0] === "hi");
  await Promise.all([first.close(), second.close()]);
});
