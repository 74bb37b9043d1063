import { waitUntil } from "@org/discovery-test-servers";
import { expect, test } from "vitest";
import { Discoveryd } from "./discoveryd.ts";
import { redisForTest } from "./redis.ts";

/**
 * Less than what a stop may wait for: it cuts requests off after 3 s, and is given up after 5. It takes some tens of milliseconds where
 * there is nothing to wait for; the rest is for a machine that stands still.
 */
const QUICK_MS = 2900;

test("SIGTERM ends with 0, quickly: with Redis, without it, and while it is frozen", async () => {
  const redis = await redisForTest();
  const start = (hostname: string): Promise<Discoveryd> =>
    Discoveryd.start({
      flags: ["--driver", "redis", "--redis-url", redis.url, "--hostname", hostname, "--keep-alive", "500ms"],
    });
  const [stays, leaves, late] = await Promise.all([
    start("stays.example.com"),
    start("leaves.example.com"),
    start("late.example.com"),
  ]);

  const ending = await leaves.end("SIGTERM");
  expect(ending.code).toBe(0);
  expect(ending.ms).toBeLessThan(QUICK_MS);
  // Long before its TTL of 30 s.
  await waitUntil(
    "who left is off the list",
    async () => !(await stays.hostnames()).includes("leaves.example.com"),
    10_000,
  );

  redis.freeze();
  const whileFrozen = await late.end("SIGTERM");
  expect(whileFrozen.code).toBe(0);
  // A frozen server takes the goodbye and does not answer: that is waited for, but not for long.
  expect(whileFrozen.ms).toBeLessThan(5000);
  redis.thaw();

  await redis.kill();
  await waitUntil("it noticed", async () => (await stays.fetch("/")).headers.has("X-Discovery-Stale"));
  const withoutRedis = await stays.end("SIGINT");
  expect(withoutRedis.code).toBe(0);
  expect(withoutRedis.ms).toBeLessThan(QUICK_MS);
  for (const daemon of [stays, leaves, late]) {
    expect((await daemon.logLines()).filter(({ level }) => level === "error")).toEqual([]);
  }
});

test("SIGTERM before Redis was ever reached ends with 0 too", async () => {
  const redis = await redisForTest();
  await redis.kill();
  const daemon = await Discoveryd.start({ until: "alive", flags: ["--driver", "redis", "--redis-url", redis.url] });
  const { code, ms } = await daemon.end("SIGTERM");
  expect(code).toBe(0);
  expect(ms).toBeLessThan(QUICK_MS);
});
