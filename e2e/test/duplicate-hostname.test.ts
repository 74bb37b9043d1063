import { type RedisServer, waitUntil } from "@org/discovery-test-servers";
import { expect, test } from "vitest";
import { Discoveryd } from "./discoveryd.ts";
import { redisForTest } from "./redis.ts";

function twin(redis: RedisServer, label: string): Promise<Discoveryd> {
  const flags = ["--driver", "redis", "--redis-url", redis.url, "--hostname", "twin.example.com", "--labels", label];
  return Discoveryd.start({ flags: [...flags, "--keep-alive", "200ms", "--ttl", "3s"] });
}

test("two machines with one hostname: both warn and count, neither flaps", async () => {
  const redis = await redisForTest();
  const daemons = [await twin(redis, "machine:one"), await twin(redis, "machine:two")];
  for (const daemon of daemons) {
    const isCounted = async (): Promise<boolean> => (await daemon.metric("discovery_duplicate_hostnames_total")) > 0;
    await waitUntil("the double is counted", isCounted, 3000);
    const warnings = (await daemon.logLines()).filter(
      ({ msg }) => msg === "another machine announces this host's name",
    );
    expect(warnings).toMatchObject([{ level: "warn", hostname: "twin.example.com" }]);
  }

  const seen = new Set<string>();
  const end = performance.now() + 2000;
  while (performance.now() < end) {
    for (const daemon of daemons) {
      const hosts = await daemon.hosts();
      seen.add(JSON.stringify(hosts.map(({ hostname, labels }) => [hostname, labels])));
    }
  }
  // The daemon that was started last is shown, on both, all the time.
  expect([...seen]).toEqual(['[["twin.example.com",["machine:two"]]]']);
  for (const daemon of daemons) {
    expect((await daemon.logLines()).filter(({ level }) => level === "warn")).toHaveLength(1);
  }
});
