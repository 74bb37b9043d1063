/** `pnpm bench <name>`: measures one thing on real servers, and prints a table. */
import { benchFleet } from "./fleet/bench-fleet.ts";
import { benchHttpSd } from "./http-sd/bench-http-sd.ts";

const BENCHES: Readonly<Record<string, () => Promise<void>>> = { fleet: benchFleet, "http-sd": benchHttpSd };

const [, , name = ""] = process.argv;
const bench = BENCHES[name];
if (bench === undefined) {
  console.error(`bench: expected one of ${Object.keys(BENCHES).join(", ")}, got ${JSON.stringify(name)}`);
  process.exitCode = 64;
} else {
  // The servers' processes keep this one from nothing, and their end is to be waited for.
  const alive = setInterval(() => {}, 60_000);
  await bench();
  clearInterval(alive);
}
