import { waitUntil } from "@org/discovery-test-servers";
import { expect, test } from "vitest";
import { Discoveryd } from "./discoveryd.ts";
import { lobbyPacket, publish, redisForTest, subscribe } from "./redis.ts";

const PATIENCE_MS = 30_000;

test("what lobby publishes is listed; what we publish is lobby's format, byte for byte", async () => {
  const redis = await redisForTest();
  const heard = await subscribe(redis);
  const daemon = await Discoveryd.start({
    env: {
      DRIVER: "Redis",
      REDIS_HOST: "127.0.0.1",
      REDIS_PORT: String(redis.port),
      KEEP_ALIVE: "1",
      TTL: "300",
      LABELS: "service:smtp,public_ip6:2a03::1",
    },
    flags: ["--hostname", "smtp.example.com"],
  });

  const earliest = Math.floor(Date.now() / 1000);
  await publish(
    redis,
    '{"discovery":{"hostname":"lobby.example.com","labels":["ns:primary"],"last_check":0},"message":"hi"}',
  );
  await waitUntil("the original is listed", async () => (await daemon.hosts()).length === 2, PATIENCE_MS);
  const [original, own] = await daemon.hosts();
  expect(original).toEqual({ hostname: "lobby.example.com", labels: ["ns:primary"], last_check: expect.any(Number) });
  // Whole seconds, of two clock readings that may fall on either side of one.
  expect(original?.last_check).toBeGreaterThanOrEqual(earliest - 1);
  expect(original?.last_check).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000));
  expect(own).toMatchObject({ hostname: "smtp.example.com", labels: ["public_ip6:2a03::1", "service:smtp"] });

  const hi =
    '{"discovery":{"hostname":"smtp.example.com","labels":["public_ip6:2a03::1","service:smtp"],"last_check":0},"message":"hi"}';
  const ours = (): string[] => heard.filter((message) => message.includes("smtp.example.com"));
  await waitUntil("it was kept alive", () => ours().length >= 2, PATIENCE_MS);
  expect(new Set(ours())).toEqual(new Set([hi]));

  // An original writes no labels as null, and may carry members that we do not know.
  await publish(
    redis,
    '{"discovery":{"hostname":"lobby.example.com","labels":null,"last_check":0,"more":1},"message":"hi"}',
  );
  await waitUntil("the change is listed", async () => (await daemon.hosts())[0]?.labels.length === 0, PATIENCE_MS);
  await publish(redis, lobbyPacket("lobby.example.com", [], "goodbye"));
  await waitUntil("the original is gone", async () => (await daemon.hosts()).length === 1, PATIENCE_MS);

  const { code } = await daemon.end("SIGTERM");
  expect(code).toBe(0);
  await waitUntil("it has said goodbye", () => ours().at(-1) !== hi, PATIENCE_MS);
  expect(ours().at(-1)).toBe(hi.replace('"message":"hi"', '"message":"goodbye"'));
});
