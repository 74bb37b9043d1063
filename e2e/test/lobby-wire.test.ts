import { waitUntil } from "@org/discovery-test-servers";
import { expect, test } from "vitest";
import { Discoveryd } from "./discoveryd.ts";
import { lobbyPacket, publish, redisForTest, subscribe } from "./redis.ts";

test("what lobby publishes is listed; what we publish is lobby's format, byte for byte", async () => {
  const redis = await redisForTest();
  const heard = await subscribe(redis);
  const daemon = await Discoveryd.start({
    env: {
      DRIVER: "Redis",
      REDIS_HOST: "127.0.0.1",
      REDIS_PORT: String(redis.port),
      KEEP_ALIVE: "1",
      LABELS: "service:smtp,public_ip6:2a03::1",
    },
    flags: ["--hostname", "smtp.example.com"],
  });

  await publish(
    redis,
    '{"discovery":{"hostname":"lobby.example.com","labels":["ns:primary"],"last_check":0},"message":"hi"}',
  );
  await waitUntil("the original is listed", async () => (await daemon.hosts()).length === 2, 1000);
  const now = Math.floor(Date.now() / 1000);
  const [original, own] = await daemon.hosts();
  expect(original).toEqual({ hostname: "lobby.example.com", labels: ["ns:primary"], last_check: expect.any(Number) });
  expect(Math.abs((original?.last_check ?? 0) - now)).toBeLessThanOrEqual(2);
  expect(own).toMatchObject({ hostname: "smtp.example.com", labels: ["public_ip6:2a03::1", "service:smtp"] });

  const hi =
    '{"discovery":{"hostname":"smtp.example.com","labels":["public_ip6:2a03::1","service:smtp"],"last_check":0},"message":"hi"}';
  const ours = (): string[] => heard.filter((message) => message.includes("smtp.example.com"));
  await waitUntil("it was kept alive", () => ours().length >= 2, 3000);
  expect(new Set(ours())).toEqual(new Set([hi]));

  // An original writes no labels as null, and may carry members that we do not know.
  await publish(
    redis,
    '{"discovery":{"hostname":"lobby.example.com","labels":null,"last_check":0,"more":1},"message":"hi"}',
  );
  await waitUntil("the change is listed", async () => (await daemon.hosts())[0]?.labels.length === 0, 1000);
  await publish(redis, lobbyPacket("lobby.example.com", [], "goodbye"));
  await waitUntil("the original is gone", async () => (await daemon.hosts()).length === 1, 1000);

  const { code } = await daemon.end("SIGTERM");
  expect(code).toBe(0);
  await waitUntil("it has said goodbye", () => ours().at(-1) !== hi, 1000);
  expect(ours().at(-1)).toBe(hi.replace('"message":"hi"', '"message":"goodbye"'));
});
