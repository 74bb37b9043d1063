/** The process of one cell's daemons: connects them, then does what its parent says. */
import type { Driver, DriverContext, Log } from "@org/discovery-core";
import { natsDriver } from "@org/discovery-driver-nats";
import { redisDriver } from "@org/discovery-driver-redis";
import { realClock } from "@org/discovery-test-servers";
import * as v from "valibot";
import { announcementOf, KEEP_ALIVE_MS, LISTENERS } from "./cell.ts";
import type { CrewOrder, CrewReport } from "./crew.ts";
import { compactSpeaker, lobbySpeaker, type Speaker } from "./speaker.ts";

/** How many daemons connect at the same time. */
const BATCH = 50;

/** The links are proven less often than by default, so that thousands of daemons fit on one machine. */
const PROOFS = { pingIntervalMs: 5000, linkTimeoutMs: 15_000 };

const order = JSON.parse(process.argv[2] ?? "") as CrewOrder;
/** A link that is lost spoils the measurement: the process ends, and with it the bench. */
const fail: Log["warn"] = (fields, message) => {
  throw new Error(`${message} ${JSON.stringify(fields)}`);
};
const log: Log = { debug: () => {}, info: () => {}, warn: fail, error: fail };
const context: DriverContext = { clock: realClock, log, random: Math.random };

const speakers: Speaker[] = [];
for (let first = 0; first < order.daemons; first += BATCH) {
  const batch = Array.from({ length: Math.min(BATCH, order.daemons - first) }, (_, index) => speaker(first + index));
  speakers.push(...(await Promise.all(batch)));
}
process.on("message", (command) => void (command === "announce" ? announce() : answer()));
answer();

async function speaker(index: number): Promise<Speaker> {
  const driver = createDriver();
  await driver.start();
  const make = order.format === "lobby" ? lobbySpeaker : compactSpeaker;
  return make({ driver, announcement: announcementOf(index), listens: index < LISTENERS, keepAliveMs: KEEP_ALIVE_MS });
}

function createDriver(): Driver {
  const { backend, url } = order;
  if (backend === "redis") return redisDriver.create(v.parse(redisDriver.options, { ...PROOFS, url }), context);
  return natsDriver.create(v.parse(natsDriver.options, { ...PROOFS, servers: [url], store: false }), context);
}

async function announce(): Promise<void> {
  for (const [index, each] of speakers.entries()) {
    realClock.after((index / speakers.length) * KEEP_ALIVE_MS, () => void each.start());
  }
  realClock.after(KEEP_ALIVE_MS, answer);
}

function answer(): void {
  const listening = speakers.slice(0, LISTENERS);
  const report: CrewReport = {
    heard: listening.reduce((sum, each) => sum + each.heard(), 0),
    listed: Math.min(...listening.map((each) => each.listed())),
  };
  process.send?.(report);
}
