import { driverContract } from "@org/discovery-driver-conformance";
import { realClock, startNats } from "@org/discovery-test-servers";
import { describe, it } from "vitest";
import { natsDriverWith } from "./context.ts";

driverContract(
  { describe, it },
  {
    name: "nats",
    clock: realClock,
    history: 2,
    async open() {
      const server = await startNats();
      return {
        connect: () => natsDriverWith({ servers: [server.url], history: 2 }),
        kill: () => server.kill(),
        freeze: async () => server.freeze(),
        thaw: async () => server.thaw(),
        start: (options) => server.restart(options),
        answers: () => server.answers(),
        close: () => server.stop(),
      };
    },
  },
);
