import { spawn } from "node:child_process";
import { once } from "node:events";
import { type RedisOptions, type RedisServer, startRedis, waitUntil } from "@org/discovery-test-servers";
import { onTestFinished } from "vitest";

const CLI = "redis-cli";

/** The channel that lobby uses. */
export const CHANNEL = "lobby:discovery";

/** A redis-server for the test that runs. */
export async function redisForTest(options: RedisOptions = {}): Promise<RedisServer> {
  const redis = await startRedis(options);
  onTestFinished(() => redis.stop());
  return redis;
}

/** Publishes with `redis-cli -x`, which takes a message of any length. */
export async function publish(redis: RedisServer, message: string, channel = CHANNEL): Promise<void> {
  const cli = spawn(CLI, ["-p", String(redis.port), "-x", "publish", channel], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  cli.stdin.end(message);
  const [code] = (await once(cli, "exit")) as [number | null];
  if (code !== 0) throw new Error(`redis-cli publish ended with ${code}`);
}

/** An announcement as an original daemon sends it. */
export function lobbyPacket(hostname: string, labels: readonly string[], message = "hi"): string {
  return JSON.stringify({ discovery: { hostname, labels, last_check: 0 }, message });
}

/** Every message that `redis-cli subscribe` prints from now on, until the test is over. */
export async function subscribe(redis: RedisServer, channel = CHANNEL): Promise<readonly string[]> {
  const cli = spawn(CLI, ["-p", String(redis.port), "subscribe", channel], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void cli.kill("SIGKILL"));
  const messages: string[] = [];
  let printed = "";
  cli.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    printed += chunk;
    // Three lines for each event: its kind, the channel, the message.
    const lines = printed.split("\n").slice(0, -1);
    messages.length = 0;
    for (let at = 0; at + 2 < lines.length; at += 3) if (lines[at] === "message") messages.push(lines[at + 2] ?? "");
  });
  await waitUntil("redis-cli has subscribed", () => printed.startsWith(`subscribe\n${channel}\n1\n`));
  return messages;
}
