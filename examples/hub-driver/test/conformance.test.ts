import type { Driver, Log } from "@org/discovery-core";
import { driverContract } from "@org/discovery-driver-conformance";
import { realClock } from "@org/discovery-test-servers";
import { describe, it } from "vitest";
import hubDriver from "../src/index.ts";
import { startHub } from "./hub-server.ts";

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

driverContract(
  { describe, it },
  {
    name: "hub",
    clock: realClock,
    open: async () => {
      const hub = await startHub();
      const options = { host: "127.0.0.1", port: hub.place.port };
      return {
        connect: (): Driver => hubDriver.create(options, { clock: realClock, log: silent, random: Math.random }),
        kill: () => hub.kill(),
        freeze: async () => hub.freeze(),
        thaw: async () => hub.thaw(),
        start: (how) => hub.restart(how),
        close: () => hub.stop(),
      };
    },
  },
);
