import { driverContract } from "@org/discovery-driver-conformance";
import { realClock, startRedis } from "@org/discovery-test-servers";
import { describe, it } from "vitest";
import { connectTo } from "./connect.ts";

const HISTORY = 20;

driverContract(
  { describe, it },
  {
    name: "redis",
    clock: realClock,
    history: HISTORY,
    async open() {
      const redis = await startRedis();
      return {
        connect: () => connectTo({ url: redis.url, historyLimit: HISTORY }),
        kill: () => redis.kill(),
        freeze: async () => redis.freeze(),
        thaw: async () => redis.thaw(),
        start: (options) => redis.restart(options),
        close: () => redis.stop(),
      };
    },
  },
);
