import { driverContract } from "@org/discovery-driver-conformance";
import { describe, it } from "vitest";
import { CapturedLog } from "./captured-log.ts";
import { Disk } from "./disk.ts";
import { realClock } from "./real-clock.ts";

const noFreeze = "the backend is this process and a local file: frozen, it would freeze the suite with it";

driverContract(
  { describe, it },
  {
    name: "local",
    clock: realClock,
    open: async () => new Disk({ clock: realClock, log: new CapturedLog(), random: Math.random }),
    skips: {
      "bus: subscriptions survive a freeze": noFreeze,
      "link: down within 5 s of a freeze, up within 2 s of the thaw": noFreeze,
      "close: is fast while the backend is frozen": noFreeze,
      "watch: goes on after a freeze": noFreeze,
      "durability: a write in flight during a freeze is written, refused or unknown": noFreeze,
    },
  },
);
