import type { NatsServer, RedisServer } from "@org/discovery-test-servers";
import { Redis } from "ioredis";
import { connect } from "nats";
import { onTestFinished } from "vitest";
import { natsForTest } from "./nats.ts";
import { CHANNEL, redisForTest } from "./redis.ts";

/** A backend as somebody sees it who does not use our drivers: channels, and what is said on them. */
export interface Wire {
  /** What makes a daemon use this backend. */
  readonly flags: readonly string[];
  /** The channel of lobby's packets. */
  readonly channel: string;
  publish(channel: string, message: string): Promise<void>;
  /** Hears every message of a channel from when it resolves until the test is over. */
  subscribe(channel: string, take: (message: string) => void): Promise<void>;
}

/** A wire over a new backend of that kind. */
export const newWire = {
  redis: async (): Promise<Wire> => redisWire(await redisForTest()),
  nats: async (): Promise<Wire> => natsWire(await natsForTest()),
};

export async function redisWire(server: RedisServer): Promise<Wire> {
  const publisher = new Redis(server.url);
  const subscriber = new Redis(server.url);
  onTestFinished(() => {
    publisher.disconnect();
    subscriber.disconnect();
  });
  return {
    flags: ["--driver", "redis", "--redis-url", server.url],
    channel: CHANNEL,
    publish: async (channel, message) => void (await publisher.publish(channel, message)),
    subscribe: async (channel, take) => {
      subscriber.on("message", (from: string, message: string) => {
        if (from === channel) take(message);
      });
      await subscriber.subscribe(channel);
    },
  };
}

export async function natsWire(server: NatsServer): Promise<Wire> {
  const connection = await connect({ servers: server.url });
  onTestFinished(() => connection.close());
  return {
    flags: ["--driver", "nats", "--nats-url", server.url],
    channel: "lobby.discovery",
    publish: async (channel, message) => {
      connection.publish(channel, message);
      await connection.flush();
    },
    subscribe: async (channel, take) => {
      connection.subscribe(channel, { callback: (_, message) => take(message.string()) });
      await connection.flush();
    },
  };
}

/** Every message of a channel from now on. */
export async function record(wire: Wire, channel = wire.channel): Promise<readonly string[]> {
  const messages: string[] = [];
  await wire.subscribe(channel, (message) => messages.push(message));
  return messages;
}
