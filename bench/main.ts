/** `pnpm bench <name> [size]`: measures one thing on real servers, and prints a table. */
import { benchFleet } from "./fleet/bench-fleet.ts";
import { benchHttpSd } from "./http-sd/bench-http-sd.ts";

/** By name; each takes a size in place of its own. */
const BENCHES: ReadonlyMap<string, (size?: number) => Promise<void>> = new Map([
  ["fleet", benchFleet],
  ["http-sd", benchHttpSd],
]);
/** In each fleet ten daemons listen, and of a list fifteen services are changed. */
const LEAST = 20;

const [, , name = "", size] = process.argv;
const bench = BENCHES.get(name);
if (bench === undefined) {
  console.error(`bench: expected one of ${[...BENCHES.keys()].join(", ")}, got ${JSON.stringify(name)}`);
  process.exitCode = 64;
} else if (size !== undefined && !(Number.isSafeInteger(Number(size)) && Number(size) >= LEAST)) {
  console.error(`bench ${name}: expected a whole number of at least ${LEAST}, got ${JSON.stringify(size)}`);
  process.exitCode = 64;
} else {
  // The servers' processes keep this one from nothing, and their end is to be waited for.
  const alive = setInterval(() => {}, 60_000);
  await bench(size === undefined ? undefined : Number(size));
  clearInterval(alive);
}
