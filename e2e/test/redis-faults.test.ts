import { type RedisServer, waitUntil } from "@org/discovery-test-servers";
import { expect, test } from "vitest";
import { Discoveryd, type DiscoverydOptions, type ListedHost } from "./discoveryd.ts";
import { lobbyPacket, publish, redisForTest } from "./redis.ts";

/** Within this time a loss is noticed. */
const NOTICED_MS = 5000;
/** Within this time of its return everything is right again. */
const RECOVERY_MS = 2000;
/** Longer than a busy machine lets a process stand still, with the silence of a keep-alive before and after. */
const TTL_MS = 5000;
/** Within this time of reaching Redis a daemon is complete, where a peer can tell it. */
const SYNC_MS = 200;
const ROUNDS = 8;

/** Waits until everything is right again. While a busy machine lets the server stand still, nobody can reach it. */
async function recovered(redis: RedisServer, what: string, isRight: () => Promise<boolean>): Promise<void> {
  const asked = async (): Promise<boolean> => {
    await redis.cli("ping");
    return isRight();
  };
  await waitUntil(what, asked, RECOVERY_MS);
}

function daemonOn(
  redis: RedisServer,
  hostname: string,
  until: DiscoverydOptions["until"] = "ready",
): Promise<Discoveryd> {
  const flags = ["--driver", "redis", "--redis-url", redis.url, "--hostname", hostname];
  return Discoveryd.start({ until, flags: [...flags, "--ttl", `${TTL_MS}ms`, "--keep-alive", "500ms"] });
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
  await recovered(redis, "it is ready", async () => (await daemon.fetch("/readyz")).status === 200);
  expect(await daemon.json("/v1/resolve?label=service:web")).toEqual(["a.example.com"]);
});

test("Redis is down at the start of a daemon that has run before: it serves what it saved, and says how old that is", async () => {
  const redis = await redisForTest();
  const daemon = await daemonOn(redis, "a.example.com");
  // A new daemon believes an empty registry only after a while, and saves it then.
  await waitUntil("the registry is known", async () => (await daemon.fetch("/v1/services")).status === 200);
  await publish(redis, lobbyPacket("other.example.com", ["service:smtp"]));
  await waitUntil("the other is there", async () => (await daemon.hostnames()).length === 2);
  expect(await daemon.end("SIGTERM")).toMatchObject({ code: 0 });
  await redis.kill();
  await daemon.restart();

  const answer = await daemon.fetch("/v1/resolve?label=service:smtp");
  expect(Number(answer.headers.get("X-Discovery-Stale"))).toBeGreaterThanOrEqual(0);
  expect(answer.headers.has("X-Discovery-Stale")).toBe(true);
  expect(await answer.json()).toEqual(["other.example.com"]);

  await redis.restart();
  let answered: readonly ListedHost[] = [];
  const isBack = async (): Promise<boolean> => {
    const answer = await daemon.fetch("/");
    const body = await answer.text();
    if (answer.status !== 200 || answer.headers.has("X-Discovery-Stale")) return false;
    answered = JSON.parse(body) as readonly ListedHost[];
    return true;
  };
  await recovered(redis, "it is back", isBack);
  // The first answer that is not stale is whole.
  expect(answered.map(({ hostname }) => hostname)).toEqual(["a.example.com", "other.example.com"]);
  await waitUntil("who is dead is gone", async () => (await daemon.hostnames()).length === 1);
});

test("Redis freezes, comes back, and comes back empty: no host is lost", async () => {
  const redis = await redisForTest();
  const [a, b] = await Promise.all([daemonOn(redis, "a.example.com"), daemonOn(redis, "b.example.com")]);
  const both = ["a.example.com", "b.example.com"];
  const everywhere = (path: string): Promise<string[]> => Promise.all([a, b].map((daemon) => daemon.text(path)));
  const areStale = async (): Promise<boolean[]> => {
    const answers = await Promise.all([a, b].map((daemon) => daemon.fetch("/")));
    return answers.map((answer) => answer.headers.has("X-Discovery-Stale"));
  };
  const bothStale = async (): Promise<boolean> => (await areStale()).every(Boolean);
  const bothFresh = async (): Promise<boolean> => !(await areStale()).some(Boolean);

  await waitUntil("both know both", async () =>
    (await everywhere("/")).every((text) => both.every((hostname) => text.includes(hostname))),
  );
  redis.freeze();
  await waitUntil("both notice", bothStale, NOTICED_MS);
  await new Promise((resolve) => setTimeout(resolve, TTL_MS + 1000));
  for (const daemon of [a, b]) {
    const answer = await daemon.fetch("/");
    expect(((await answer.json()) as { hostname: string }[]).map(({ hostname }) => hostname)).toEqual(both);
    expect(Number(answer.headers.get("X-Discovery-Stale"))).toBeGreaterThan(0);
  }
  redis.thaw();
  await recovered(redis, "both are back", bothFresh);
  await a.addLabels("after:freeze");
  await waitUntil(
    "the label is everywhere",
    async () => (await everywhere("/")).every((text) => text.includes("after:freeze")),
    1000,
  );

  await redis.kill();
  await waitUntil("both notice that too", bothStale, NOTICED_MS);
  await redis.restart({ empty: true });
  await recovered(redis, "both are back again", bothFresh);
  await b.addLabels("after:loss");
  await waitUntil(
    "this label too",
    async () => (await everywhere("/")).every((text) => text.includes("after:loss")),
    1000,
  );
  for (const daemon of [a, b]) expect(await daemon.hostnames()).toEqual(both);
});

test("a daemon that was killed is complete within 200 ms of reaching Redis, because a peer tells it", async () => {
  const redis = await redisForTest();
  const start = (hostname: string, keepAlive: string): Promise<Discoveryd> => {
    const flags = ["--driver", "redis", "--redis-url", redis.url, "--hostname", hostname];
    return Discoveryd.start({ flags: [...flags, "--keep-alive", keepAlive, "--ttl", "60s"] });
  };
  // The first has nobody to ask: it becomes sure of that by listening for a keep-alive. The other would need 20 s for that.
  await start("peer.example.com", "1s");
  const daemon = await start("killed.example.com", "20s");
  const delays: number[] = [];
  // What a busy machine adds differs from round to round; the best shows what the daemons need.
  while (delays.length < ROUNDS && !delays.some((delay) => delay < SYNC_MS)) {
    const newcomer = `newcomer-${delays.length}.example.com`;
    await daemon.kill();
    await publish(redis, lobbyPacket(newcomer, ["service:web"]));
    await daemon.restart();
    const readyAt = Date.now();
    const hostnames = await daemon.hostnames();
    for (const expected of ["killed.example.com", newcomer, "peer.example.com"]) expect(hostnames).toContain(expected);
    const reached = (await daemon.logLines()).findLast(({ msg }) => msg === "backend reached");
    delays.push(readyAt - Date.parse(reached?.time ?? ""));
  }
  expect(Math.min(...delays)).toBeLessThan(SYNC_MS);
  expect(Math.max(...delays)).toBeLessThan(15_000);
});
