import { driverContract } from "@org/discovery-driver-conformance";
import { realClock, startRedis } from "@org/discovery-test-servers";
import { describe, it } from "vitest";
import { connectTo } from "./connect.ts";

const HISTORY = 20;
/** Above the two seconds for which a busy machine may let a server stand still; noticed within 3 s, where 5 s are allowed. */
const LINK_TIMEOUT_MS = 2500;

driverContract(
  { describe, it },
  {
    name: "redis",
    clock: realClock,
    history: HISTORY,
    async open() {
      const redis = await startRedis();
      return {
        connect: () => connectTo({ url: redis.url, historyLimit: HISTORY, linkTimeoutMs: LINK_TIMEOUT_MS }),
        kill: () => redis.kill(),
        freeze: async () => redis.freeze(),
        thaw: async () => redis.thaw(),
        start: (options) => redis.restart(options),
        answers: () => redis.cli("ping"),
        close: () => redis.stop(),
      };
    },
  },
);
