import { setTimeout as pause } from "node:timers/promises";
import { type RedisServer, waitUntil } from "@org/discovery-test-servers";
import { expect, test } from "vitest";
import { Discoveryd, type LogLine } from "./discoveryd.ts";
import { redisForTest } from "./redis.ts";

const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 20;
/** The daemon warns once in this time at most. */
const WARN_EVERY_MS = 60_000;

/** Nobody dies here, so that the TTL is beyond any stall of the machine. */
function twin(redis: RedisServer, label: string): Promise<Discoveryd> {
  const flags = ["--driver", "redis", "--redis-url", redis.url, "--hostname", "twin.example.com", "--labels", label];
  return Discoveryd.start({ flags: [...flags, "--keep-alive", "200ms", "--ttl", "60s"] });
}

async function warningsOf(daemon: Discoveryd): Promise<LogLine[]> {
  return (await daemon.logLines()).filter(({ msg }) => msg === "another machine announces this host's name");
}

test("two machines with one hostname: both warn and count, neither flaps", async () => {
  const redis = await redisForTest();
  const begun = performance.now();
  const daemons = [await twin(redis, "machine:one"), await twin(redis, "machine:two")];
  for (const daemon of daemons) {
    const isCounted = async (): Promise<boolean> => (await daemon.metric("discovery_duplicate_hostnames_total")) > 0;
    await waitUntil("the double is counted", isCounted, PATIENCE_MS);
    await waitUntil("it is logged", async () => (await warningsOf(daemon)).length > 0, PATIENCE_MS);
    expect((await warningsOf(daemon))[0]).toMatchObject({ level: "warn", hostname: "twin.example.com" });
  }

  const seen = new Set<string>();
  const end = performance.now() + 2000;
  while (performance.now() < end) {
    for (const daemon of daemons) {
      const hosts = await daemon.hosts();
      seen.add(JSON.stringify(hosts.map(({ hostname, labels }) => [hostname, labels])));
    }
    await pause(LOOK_EVERY_MS);
  }
  // The daemon that was started last is shown, on both, all the time.
  expect([...seen]).toEqual(['[["twin.example.com",["machine:two"]]]']);
  for (const daemon of daemons) {
    const most = Math.ceil((performance.now() - begun) / WARN_EVERY_MS);
    expect((await warningsOf(daemon)).length).toBeLessThanOrEqual(most);
  }
});
