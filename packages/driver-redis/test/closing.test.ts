import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { startRedis, waitUntil, type RedisServer } from "@org/discovery-test-servers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectTo } from "./connect.ts";

let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

/** Passes everything on to the server, and says so before it passes on what contains `words`. */
async function listeningFor(words: string, tell: () => void): Promise<Server> {
  const proxy = createServer((client) => {
    const server = connect(redis.port, "127.0.0.1");
    client.on("data", (chunk) => {
      if (chunk.includes(words)) tell();
      server.write(chunk);
    });
    server.on("data", (chunk) => client.write(chunk));
    for (const [one, other] of [[client, server] as const, [server, client] as const]) {
      one.on("error", () => {}).on("close", () => other.destroy());
    }
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  return proxy;
}

// The probe is the last question before the session is open; after it come the subscriptions.
test.each(["exists", "subscribe"])(
  "a driver that is closed when it sends %s ends there and never goes up",
  async (command) => {
    let closing: Promise<void> | undefined;
    const proxy = await listeningFor(command, () => void (closing ??= driver.close()));
    const driver = connectTo({ port: (proxy.address() as AddressInfo).port });
    const told: string[] = [];
    driver.link.onChange(({ state }) => told.push(state));
    const started = driver.start().catch((error: unknown) => error);
    await waitUntil("it is closed", () => closing !== undefined);
    let isClosed = false;
    void closing?.then(() => (isClosed = true));
    await waitUntil("it is done", () => isClosed, 1000);
    expect(String(await started)).toContain("driver closed");
    expect([told, driver.link.state]).toEqual([[], "down"]);
    proxy.close();
  },
);
