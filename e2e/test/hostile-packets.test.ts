import { type RedisServer, waitUntil } from "@org/discovery-test-servers";
import { expect, test } from "vitest";
import { Discoveryd } from "./discoveryd.ts";
import { CHANNEL, lobbyPacket, publish, redisForTest } from "./redis.ts";

const PATIENCE_MS = 30_000;

/** By what they are counted as. */
const HOSTILE: Readonly<Record<string, readonly string[]>> = {
  not_json: ["", "hello", '{"discovery":', "\u0000\u001b[2J"],
  wrong_shape: [
    "null",
    "[]",
    "42",
    '"hi"',
    "{}",
    '{"message":"hi"}',
    '{"discovery":null,"message":"hi"}',
    '{"discovery":{"hostname":7,"labels":[]},"message":"hi"}',
    '{"discovery":{"hostname":"x","labels":"service"},"message":"hi"}',
    '{"discovery":{"hostname":"x","labels":[{}]},"message":"hi"}',
    '{"discovery":{"hostname":"x","labels":[]},"message":1}',
  ],
  unknown_message: [lobbyPacket("x", [], "HI"), lobbyPacket("x", [], "__proto__")],
  bad_hostname: [
    lobbyPacket("", []),
    lobbyPacket("__proto__", []),
    lobbyPacket("a\u0000b", []),
    lobbyPacket("\u001b]0;owned\u0007", []),
    lobbyPacket("a\nb", []),
    lobbyPacket("<script>", []),
    lobbyPacket("x".repeat(254), []),
  ],
  too_many_labels: [
    lobbyPacket(
      "greedy.example.com",
      Array.from({ length: 10_000 }, (_, index) => `l${index}`),
    ),
  ],
  too_long: [lobbyPacket("huge.example.com", ["x".repeat(1024 * 1024)])],
};

const HOSTILE_TO_PEERS = [
  "",
  "nonsense",
  '{"type":"fleet"}',
  '{"__proto__":{"type":"sync"}}',
  `{"type":"${"x".repeat(1024 * 1024)}"}`,
];

/** Who announced once stays listed for the whole test. */
function onRedis(redis: RedisServer): string[] {
  return ["--driver", "redis", "--redis-url", redis.url, "--keep-alive", "500ms", "--ttl", "5m"];
}

test("hostile messages are dropped, counted, and logged once; nothing else changes", async () => {
  const redis = await redisForTest();
  const daemon = await Discoveryd.start({
    flags: [...onRedis(redis), "--hostname", "a.example.com"],
  });
  await publish(redis, lobbyPacket("victim.example.com", ["service:web"]));
  await waitUntil("the victim is listed", async () => (await daemon.hosts()).length === 2, PATIENCE_MS);
  const listed = async (): Promise<unknown> => (await daemon.hosts()).map(({ hostname, labels }) => [hostname, labels]);
  const before = await listed();

  const count = (result: string): Promise<number> =>
    daemon.metric(`discovery_packets_received_total{result="${result}"}`);
  const messages = Object.values(HOSTILE).flat();
  // One publish for each, all at once: they are independent of each other.
  await Promise.all(messages.map((message) => publish(redis, message)));
  await Promise.all(HOSTILE_TO_PEERS.map((message) => publish(redis, message, `${CHANNEL}.ext`)));
  for (const [result, { length }] of Object.entries(HOSTILE)) {
    await waitUntil(`${length} are counted as ${result}`, async () => (await count(result)) === length, PATIENCE_MS);
  }
  await waitUntil(
    "those to peers are counted",
    async () => (await count("bad_peer_message")) === HOSTILE_TO_PEERS.length,
    PATIENCE_MS,
  );

  expect(await listed()).toEqual(before);
  const kinds = [...Object.keys(HOSTILE), "bad_peer_message"].toSorted();
  const dropped = async (): Promise<string[]> => {
    const lines = (await daemon.logLines()).filter(({ msg }) => msg === "packet dropped");
    return lines.map(({ result }) => String(result)).toSorted();
  };
  // Lines are written behind the daemon's back.
  await waitUntil("one of each kind is logged", async () => (await dropped()).length >= kinds.length, PATIENCE_MS);
  expect(await dropped()).toEqual(kinds);
  expect((await daemon.logLines()).filter(({ level }) => level === "error")).toEqual([]);
  // Bytes that would speak to a terminal never reach the log.
  expect((await daemon.log()).replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
});

test("a stray label does not take its host off the list", async () => {
  const redis = await redisForTest();
  const daemon = await Discoveryd.start({ flags: onRedis(redis) });
  await publish(redis, lobbyPacket("odd.example.com", ["service:web", "bell\u0007", "x".repeat(1025), " spaced ", ""]));
  const odd = async (): Promise<unknown> =>
    (await daemon.hosts()).find(({ hostname }) => hostname === "odd.example.com")?.labels;
  await waitUntil("it is listed", async () => (await odd()) !== undefined, PATIENCE_MS);
  expect(await odd()).toEqual(["service:web", "spaced"]);
});
