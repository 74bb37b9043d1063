import { type NatsServer, type RedisServer, waitUntil } from "@org/discovery-test-servers";
import { expect, test } from "vitest";
import { Discoveryd } from "./discoveryd.ts";
import { natsForTest } from "./nats.ts";
import { redisForTest } from "./redis.ts";
import { natsWire, record, redisWire } from "./wire.ts";

/** Ten keep-alives: a machine that stands still for some seconds makes nobody look dead. */
const TTL_MS = 5000;
/** What comes later may have come by an expiry. */
const BEFORE_TTL_MS = TTL_MS - 1000;
/** A TTL, a look for the dead every half second, and a slow machine. */
const EXPIRY_MS = TTL_MS + 10_000;

/** What a driver says of a server that is silent for some seconds, as one may be on a slow machine. */
const A_SLOW_BACKEND =
  /^(backend lost|lost the connection|no connection|cannot connect|registry out of reach|cannot read the registry)/;

interface Backends {
  readonly redis: RedisServer;
  readonly nats: NatsServer;
}

async function bothBackends(): Promise<Backends> {
  const [redis, nats] = await Promise.all([redisForTest(), natsForTest()]);
  return { redis, nats };
}

interface Place extends Partial<Backends> {
  readonly keepAlive?: string;
  readonly ttl?: string;
}

/** A daemon on the backends that are given. */
function daemonOn(hostname: string, place: Place): Promise<Discoveryd> {
  const { redis, nats, keepAlive = "500ms", ttl = `${TTL_MS}ms` } = place;
  const given = [
    redis === undefined ? undefined : (["redis", "--redis-url", redis.url] as const),
    nats === undefined ? undefined : (["nats", "--nats-url", nats.url] as const),
  ].filter((backend) => backend !== undefined);
  return Discoveryd.start({
    flags: [
      ...["--driver", given.map(([name]) => name).join(), ...given.flatMap(([, ...flags]) => flags)],
      ...["--hostname", hostname, "--ttl", ttl, "--keep-alive", keepAlive, "--clean-every", "500ms"],
    ],
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Every list of hostnames with labels that the daemons gave in a while. */
async function listsOf(daemons: readonly Discoveryd[], ms: number): Promise<string[]> {
  const seen = new Set<string>();
  const end = performance.now() + ms;
  while (performance.now() < end) {
    for (const daemon of daemons) {
      seen.add((await daemon.hosts()).map(({ hostname, labels }) => `${hostname} ${labels.join()}`).join("; "));
    }
    await pause(20);
  }
  return [...seen];
}

/** Restarts it and waits until it serves what it heard: what it had saved it serves before, as stale. */
async function restarted(daemon: Discoveryd): Promise<void> {
  await daemon.restart();
  const isFresh = async (): Promise<boolean> => {
    const answer = await daemon.fetch("/");
    return answer.status === 200 && !answer.headers.has("X-Discovery-Stale");
  };
  await waitUntil("it is ready anew", isFresh);
}

/** Whether each of them is connected to that backend. */
async function areOn(driver: string, daemons: readonly Discoveryd[]): Promise<boolean> {
  const series = `discovery_link_up{driver="${driver}"}`;
  return (await Promise.all(daemons.map((daemon) => daemon.metric(series)))).every((up) => up === 1);
}

async function knows(daemon: Discoveryd, label: string): Promise<boolean> {
  return (await daemon.text("/")).includes(label);
}

test("packets go out on both backends and come in from both, and a host is one host", async () => {
  const backends = await bothBackends();
  const heard = await Promise.all([
    redisWire(backends.redis).then((wire) => record(wire)),
    natsWire(backends.nats).then((wire) => record(wire)),
  ]);
  const daemons = await Promise.all([daemonOn("a.example.com", backends), daemonOn("b.example.com", backends)]);
  for (const messages of heard) {
    const speakers = (): Set<string | undefined> =>
      new Set(messages.map((message) => /[ab]\.example/.exec(message)?.[0]));
    await waitUntil("both were heard", () => speakers().size === 2);
  }

  const [a, b] = daemons;
  await a.addLabels("service:web");
  await waitUntil("the change is known", () => knows(b, "service:web"));
  expect(await listsOf(daemons, 2 * TTL_MS)).toEqual(["a.example.com service:web; b.example.com "]);
  for (const daemon of daemons) {
    expect(await daemon.metric("discovery_duplicate_hostnames_total")).toBe(0);
    const complaints = (await daemon.logLines()).filter(({ level }) => level === "warn" || level === "error");
    expect(complaints.filter(({ msg }) => !A_SLOW_BACKEND.test(msg))).toEqual([]);
  }
  for (const driver of ["redis", "nats"]) await waitUntil("both are on both", () => areOn(driver, daemons));

  const goodbyes = (): number[] =>
    heard.map((messages) => messages.filter((message) => message.includes(`"message":"goodbye"`)).length);
  expect(await b.end("SIGTERM")).toMatchObject({ code: 0 });
  await waitUntil("it is gone", async () => (await a.hosts()).length === 1, BEFORE_TTL_MS);
  await waitUntil("it said goodbye on both", () => goodbyes().join() === "1,1");
});

test("who is on both backends knows the hosts of either, at once when it is ready; who is on one knows those of that one", async () => {
  const { redis, nats } = await bothBackends();
  // Nobody repeats itself before the test has looked.
  const timing = { keepAlive: "4s", ttl: "9s" };
  const [onRedis, onNats] = await Promise.all([
    daemonOn("redis.example.com", { redis, ...timing }),
    daemonOn("nats.example.com", { nats, ...timing }),
  ]);
  const both = await daemonOn("both.example.com", { redis, nats, ...timing });
  const all = ["both.example.com", "nats.example.com", "redis.example.com"];
  expect(await both.hostnames()).toEqual(all);

  // What a daemon cannot hear must not be told to it either: it would expire, and come, and expire.
  const pair = [onRedis, onNats];
  for (const daemon of pair) await restarted(daemon);
  const lists = await Promise.all(pair.map((daemon) => listsOf([daemon], 11_000)));
  expect(lists).toEqual([["both.example.com ; redis.example.com "], ["both.example.com ; nats.example.com "]]);
  await restarted(both);
  expect(await both.hostnames()).toEqual(all);
});

test("one backend down is no outage: nobody vanishes, newcomers come, the dead go, and nothing is stale", async () => {
  const backends = await bothBackends();
  const { nats } = backends;
  const [a, b, dying, onNats] = await Promise.all([
    daemonOn("a.example.com", backends),
    daemonOn("b.example.com", backends),
    daemonOn("dying.example.com", backends),
    daemonOn("nats.example.com", { nats }),
  ]);
  const daemons = [a, b];
  const known = ["a.example.com", "b.example.com", "dying.example.com", "nats.example.com"];
  for (const daemon of daemons) {
    await waitUntil("all are known", async () => (await daemon.hostnames()).join() === known.join());
  }

  await nats.kill();
  expect(await listsOf(daemons, 2 * TTL_MS)).toEqual([known.map((hostname) => `${hostname} `).join("; ")]);
  for (const daemon of daemons) {
    const ready = await daemon.fetch("/readyz");
    expect([ready.status, ready.headers.has("X-Discovery-Stale")]).toEqual([200, false]);
    expect((await daemon.fetch("/")).headers.has("X-Discovery-Stale")).toBe(false);
    expect(await daemon.metric(`discovery_link_up{driver="nats"}`)).toBe(0);
  }

  const newcomer = await daemonOn("newcomer.example.com", backends);
  expect(await newcomer.hostnames()).toEqual(expect.arrayContaining(["a.example.com", "b.example.com"]));
  for (const daemon of daemons) await waitUntil("it is known", () => knows(daemon, "newcomer"));
  await dying.kill();
  for (const daemon of daemons) {
    await waitUntil("the dead one is gone", async () => !(await knows(daemon, "dying")), EXPIRY_MS);
    // Whoever is on the lost backend alone may well be alive.
    expect(await knows(daemon, "nats.example.com")).toBe(true);
  }

  await nats.restart();
  await waitUntil("all are back on it", () => areOn("nats", [a, b, newcomer, onNats]));
  await backends.redis.kill();
  await onNats.addLabels("after:return");
  for (const daemon of daemons) {
    await waitUntil("both hear on NATS alone", () => knows(daemon, "after:return"));
  }
  expect(await listsOf(daemons, 2 * TTL_MS)).toEqual([
    "a.example.com ; b.example.com ; nats.example.com after:return; newcomer.example.com ",
  ]);
});

test("a start while one backend is down is ready with what the other has, and learns the rest when that returns", async () => {
  const backends = await bothBackends();
  const { redis, nats } = backends;
  const [, onNats] = await Promise.all([
    daemonOn("redis.example.com", { redis }),
    daemonOn("nats.example.com", { nats }),
  ]);
  await nats.kill();
  const both = await daemonOn("both.example.com", backends);
  expect(await both.hostnames()).toEqual(["both.example.com", "redis.example.com"]);
  await nats.restart();
  await waitUntil("it learns of the other", () => knows(both, "nats.example.com"));
  await waitUntil("and the other of it", () => knows(onNats, "both.example.com"));

  // Neither backend: stale, and nobody is forgotten.
  await Promise.all([nats.kill(), redis.kill()]);
  const isStale = async (): Promise<boolean> => (await both.fetch("/")).headers.has("X-Discovery-Stale");
  await waitUntil("it says that it is stale", isStale, EXPIRY_MS);
  expect(await listsOf([both], 2 * TTL_MS)).toEqual(["both.example.com ; nats.example.com ; redis.example.com "]);
});
