import { type RedisServer, waitUntil } from "@org/discovery-test-servers";
import { expect, test } from "vitest";
import { Discoveryd } from "./discoveryd.ts";
import { lobbyPacket, redisForTest } from "./redis.ts";
import { redisWire } from "./wire.ts";

const TTL_MS = 5000;
/** A TTL, a look for the dead every half second, and a slow machine. */
const EXPIRY_MS = TTL_MS + 30_000;

interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

function daemonOn(redis: RedisServer, name: string, env: Readonly<Record<string, string>> = {}): Promise<Discoveryd> {
  const flags = ["--driver", "redis", "--redis-url", redis.url, "--hostname", name, "--labels", "prometheus:web"];
  return Discoveryd.start({ env, flags: [...flags, "--keep-alive", "500ms", "--ttl", "5s", "--clean-every", "500ms"] });
}

/** `target` of each group of the list, `target mark` where it is marked. */
async function exported(daemon: Discoveryd, list = "web"): Promise<string[]> {
  const groups = await daemon.json<TargetGroup[]>(`/v1/prometheus/${list}`);
  return groups.map(({ targets, labels }) => {
    const marks = Object.entries(labels).filter(
      ([name, value]) => name.startsWith("__meta_discovery_") && value === "true",
    );
    return [...targets, ...marks.map(([name]) => name.replace("__meta_discovery_", ""))].join(" ");
  });
}

async function guarded(daemon: Discoveryd): Promise<string | null> {
  const answer = await daemon.fetch("/v1/prometheus/web");
  await answer.arrayBuffer();
  return answer.headers.get("X-Discovery-Guarded");
}

async function waitForLog(daemon: Discoveryd, message: string): Promise<void> {
  const isLogged = async (): Promise<boolean> => (await daemon.logLines()).some(({ msg }) => msg.startsWith(message));
  await waitUntil(`"${message}" is logged`, isLogged, EXPIRY_MS);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

test("five of eight daemons are killed: all stay in every list and are marked, until they return or an operator accepts", async () => {
  const redis = await redisForTest();
  const all = ["h1", "h2", "h3", "h4", "h5", "h6", "h7", "h8"];
  const daemons = await Promise.all(all.map((name) => daemonOn(redis, name)));
  const [survivor, witness] = daemons as [Discoveryd, Discoveryd];
  const watching = [survivor, witness];
  const unmarked = all.map((name) => `${name}:9100`);
  for (const daemon of watching) {
    await waitUntil("all are known", async () => (await exported(daemon)).join() === unmarked.join(), EXPIRY_MS);
  }

  await Promise.all(daemons.slice(3).map((daemon) => daemon.kill()));
  const marked = unmarked.map((target, index) => (index < 3 ? target : `${target} guarded`));
  for (const daemon of watching) {
    const isHeld = async (): Promise<boolean> => {
      const list = await exported(daemon);
      // Not even one goes meanwhile.
      expect(list).toHaveLength(all.length);
      return list.join() === marked.join();
    };
    await waitUntil("all five are held", isHeld, EXPIRY_MS);
    expect(await guarded(daemon)).toBe("5");
    expect(await daemon.metric("discovery_hosts_guarded")).toBe(5);
    expect(await daemon.hostnames()).toEqual(all);
    await waitForLog(daemon, "too many hosts fell silent at once");
  }
  await pause(2 * TTL_MS);
  expect(await exported(survivor)).toEqual(marked);

  await daemons[7]?.restart();
  const returned = [...marked.slice(0, 7), "h8:9100"];
  for (const daemon of watching) {
    const isBack = async (): Promise<boolean> => (await exported(daemon)).join() === returned.join();
    await waitUntil("who returns is marked no more", isBack, EXPIRY_MS);
  }
  expect(await guarded(survivor)).toBe("4");

  const accepted = await survivor.fetch("/v1/guard/accept", { method: "POST" });
  expect([accepted.status, await accepted.json()]).toEqual([200, { accepted: 4 }]);
  expect(await exported(survivor)).toEqual(["h1:9100", "h2:9100", "h3:9100", "h8:9100"]);
  expect(await guarded(survivor)).toBeNull();
  expect(await survivor.metric("discovery_hosts_guarded")).toBe(0);
  await waitForLog(survivor, "mass loss accepted by an operator");
  // Each daemon asks its own operator.
  expect(await guarded(witness)).toBe("4");
  const nothingLeft = await survivor.fetch("/v1/guard/accept", { method: "POST" });
  expect(await nothingLeft.json()).toEqual({ accepted: 0 });
});

test("hosts that said goodbye go at once, however many; held ones go after GUARD_HOLD; a small list is guarded by itself", async () => {
  const redis = await redisForTest();
  const wire = await redisWire(redis);
  const daemon = await daemonOn(redis, "watching", { GUARD_HOLD: "6s" });
  const say = (name: string, labels: readonly string[], message?: string): Promise<void> =>
    wire.publish(wire.channel, lobbyPacket(name, labels, message));
  const hosts = Array.from({ length: 20 }, (_, index) => `x${index}`);
  await Promise.all(hosts.map((name) => say(name, ["prometheus:web"])));
  await waitUntil("all came", async () => (await exported(daemon)).length === 21, EXPIRY_MS);
  await Promise.all(hosts.map((name) => say(name, [], "goodbye")));
  await waitUntil("all went", async () => (await exported(daemon)).length === 1, EXPIRY_MS);
  expect(await guarded(daemon)).toBeNull();

  // Three of three in one list, and of more than ten in the fleet: the list alone is in danger.
  const many = Array.from({ length: 12 }, (_, index) => `many${index}`);
  const few = ["few0", "few1", "few2"];
  const keepAlive = async (): Promise<void> => void (await Promise.all(many.map((name) => say(name, []))));
  await Promise.all([keepAlive(), ...few.map((name) => say(name, ["prometheus:few"]))]);
  const beating = setInterval(() => void keepAlive(), 1000);
  try {
    const held = few.map((name) => `${name}:9100 guarded`).join();
    await waitUntil("the few are held", async () => (await exported(daemon, "few")).join() === held, EXPIRY_MS);
    await waitUntil("the hold is over", async () => (await exported(daemon, "few")).length === 0, 6000 + EXPIRY_MS);
    expect(await daemon.hostnames()).toHaveLength(13);
  } finally {
    clearInterval(beating);
  }
});

test("an expired host lingers in the exported lists alone, marked; one that said goodbye does not", async () => {
  const redis = await redisForTest();
  const [watching, dying, leaving] = await Promise.all([
    daemonOn(redis, "watching", { LINGER: "8s" }),
    daemonOn(redis, "dying"),
    daemonOn(redis, "leaving"),
  ]);
  await waitUntil("all are known", async () => (await watching.hosts()).length === 3, EXPIRY_MS);
  await dying.kill();
  expect(await leaving.end("SIGTERM")).toMatchObject({ code: 0 });
  const isGone = async (): Promise<boolean> => !(await exported(watching)).join().includes("leaving");
  await waitUntil("who said goodbye is gone", isGone, EXPIRY_MS);

  const lingers = async (): Promise<boolean> => (await exported(watching)).includes("dying:9100 lingering");
  await waitUntil("it lingers", lingers, EXPIRY_MS);
  expect(await watching.hostnames()).toEqual(["watching"]);
  expect(await guarded(watching)).toBeNull();
  await waitUntil("then it is gone", async () => (await exported(watching)).join() === "watching:9100", EXPIRY_MS);
});
