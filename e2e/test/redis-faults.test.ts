import { type RedisServer, waitUntil } from "@org/discovery-test-servers";
import { expect, test } from "vitest";
import { Discoveryd, type DiscoverydOptions } from "./discoveryd.ts";
import { lobbyPacket, publish, redisForTest } from "./redis.ts";

/** Within this time of its return everything is right again. */
const RECOVERY_MS = 2000;
const TTL_MS = 3000;

function daemonOn(
  redis: RedisServer,
  hostname: string,
  until: DiscoverydOptions["until"] = "ready",
): Promise<Discoveryd> {
  const flags = ["--driver", "redis", "--redis-url", redis.url, "--hostname", hostname];
  return Discoveryd.start({ until, flags: [...flags, "--ttl", "3s", "--keep-alive", "500ms"] });
}

test("Redis is down at the start: not ready, then ready", async () => {
  const redis = await redisForTest();
  await redis.kill();
  const daemon = await daemonOn(redis, "a.example.com", "alive");
  for (const path of [
    "/",
    "/v1/discoveries",
    "/v1/resolve?label=x",
    "/v1/prometheus/node",
    "/v1/sd/hosts",
    "/readyz",
  ]) {
    const answer = await daemon.fetch(path);
    expect([path, answer.status]).toEqual([path, 503]);
    expect(Number(answer.headers.get("Retry-After"))).toBeGreaterThan(0);
  }
  expect(await daemon.text("/readyz")).toContain("no backend was reached since the start (redis: ");
  expect(await daemon.json("/v1/discovery")).toEqual({ hostname: "a.example.com", labels: [], last_check: 0 });
  expect(await daemon.addLabels("service:web")).toBe("OK");

  await redis.restart();
  await daemon.waitFor("/readyz", RECOVERY_MS);
  expect(await daemon.json("/v1/resolve?label=service:web")).toEqual(["a.example.com"]);
});

test("Redis is down at the start of a daemon that has run before: it serves what it saved, and says how old that is", async () => {
  const redis = await redisForTest();
  const daemon = await daemonOn(redis, "a.example.com");
  await publish(redis, lobbyPacket("other.example.com", ["service:smtp"]));
  await waitUntil("the other is there", async () => (await daemon.hostnames()).length === 2);
  // A new daemon believes an empty registry only after a while, and saves it then.
  await waitUntil("the registry is known", async () => (await daemon.fetch("/v1/services")).status === 200);
  expect(await daemon.end("SIGTERM")).toMatchObject({ code: 0 });
  await redis.kill();
  await daemon.restart();

  const answer = await daemon.fetch("/v1/resolve?label=service:smtp");
  expect(Number(answer.headers.get("X-Discovery-Stale"))).toBeGreaterThanOrEqual(0);
  expect(answer.headers.has("X-Discovery-Stale")).toBe(true);
  expect(await answer.json()).toEqual(["other.example.com"]);

  await redis.restart();
  await waitUntil(
    "it is back",
    async () => !(await daemon.fetch("/readyz")).headers.has("X-Discovery-Stale"),
    RECOVERY_MS,
  );
  await daemon.waitFor("/readyz", RECOVERY_MS);
  expect(await daemon.hostnames()).toEqual(["a.example.com", "other.example.com"]);
  await waitUntil("who is dead is gone", async () => (await daemon.hostnames()).length === 1, TTL_MS + 3000);
});

test("Redis freezes, comes back, and comes back empty: no host is lost", async () => {
  const redis = await redisForTest();
  const [a, b] = await Promise.all([daemonOn(redis, "a.example.com"), daemonOn(redis, "b.example.com")]);
  const both = ["a.example.com", "b.example.com"];
  const everywhere = (path: string): Promise<string[]> => Promise.all([a, b].map((daemon) => daemon.text(path)));
  const areFresh = async (): Promise<boolean> => {
    const answers = await Promise.all([a, b].map((daemon) => daemon.fetch("/")));
    return answers.every((answer) => !answer.headers.has("X-Discovery-Stale"));
  };

  redis.freeze();
  await new Promise((resolve) => setTimeout(resolve, TTL_MS + 3000));
  for (const daemon of [a, b]) {
    const answer = await daemon.fetch("/");
    expect(((await answer.json()) as { hostname: string }[]).map(({ hostname }) => hostname)).toEqual(both);
    expect(Number(answer.headers.get("X-Discovery-Stale"))).toBeGreaterThan(0);
  }
  redis.thaw();
  await waitUntil("both are back", areFresh, RECOVERY_MS);
  await a.addLabels("after:freeze");
  await waitUntil(
    "the label is everywhere",
    async () => (await everywhere("/")).every((text) => text.includes("after:freeze")),
    1000,
  );

  await redis.kill();
  await redis.restart({ empty: true });
  await waitUntil("both are back again", areFresh, RECOVERY_MS);
  await b.addLabels("after:loss");
  await waitUntil(
    "this label too",
    async () => (await everywhere("/")).every((text) => text.includes("after:loss")),
    1000,
  );
  for (const daemon of [a, b]) expect(await daemon.hostnames()).toEqual(both);
});

test(
  "a daemon that was killed is complete within 200 ms of reaching Redis, because a peer tells it",
  { retry: 2 },
  async () => {
    const redis = await redisForTest();
    const start = (hostname: string, keepAlive: string): Promise<Discoveryd> =>
      Discoveryd.start({
        flags: [
          "--driver",
          "redis",
          "--redis-url",
          redis.url,
          "--hostname",
          hostname,
          "--keep-alive",
          keepAlive,
          "--ttl",
          "60s",
        ],
      });
    // The first has nobody to ask: it becomes sure of that by listening for a keep-alive. The other would need 20 s for that.
    await start("peer.example.com", "1s");
    const daemon = await start("killed.example.com", "20s");
    await daemon.kill();
    await publish(redis, lobbyPacket("newcomer.example.com", ["service:web"]));
    await daemon.restart();
    const readyAt = Date.now();
    expect(await daemon.hostnames()).toEqual(["killed.example.com", "newcomer.example.com", "peer.example.com"]);

    const reached = (await daemon.logLines()).findLast(({ msg }) => msg === "backend reached");
    expect(readyAt - Date.parse(reached?.time ?? "")).toBeLessThan(200);
  },
);
