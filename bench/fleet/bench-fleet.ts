import { sleep } from "@org/discovery-core";
import { realClock } from "@org/discovery-test-servers";
import { count, table } from "../table.ts";
import { type Cell, KEEP_ALIVE_MS, LISTENERS } from "./cell.ts";
import { Measuring, type Measurement, type Rates } from "./measurement.ts";

const IDLE_WINDOW_MS = 10_000;
/** Two keep-alives: whoever asked has its answers, and nobody thinks of original daemons any more. */
const SETTLE_MS = 2 * KEEP_ALIVE_MS;
/** In this time every daemon of ours sends one announcement in full. */
const WINDOW_MS = 60_000;

const SIZES = [100, 1000];

/** Both formats, on both backends, in each size; all at the same time, each on a server of its own. */
function cells(sizes: readonly number[]): readonly Cell[] {
  return (["redis", "nats"] as const).flatMap((backend) =>
    sizes.flatMap((daemons) => (["lobby", "compact"] as const).map((format) => ({ backend, daemons, format }))),
  );
}

/** What announcing costs the backend, in lobby's format and in the compact one, side by side. Takes about two minutes. `size` is one fleet's, at least `LISTENERS`, instead of both. */
export async function benchFleet(size?: number): Promise<void> {
  const begun = performance.now();
  const measuring: Measuring[] = [];
  try {
    for (const cell of cells(size === undefined ? SIZES : [size])) measuring.push(await Measuring.connect(cell));
    await Promise.all(measuring.map((each) => each.idle(IDLE_WINDOW_MS)));
    await Promise.all(measuring.map((each) => each.announce()));
    await sleep(realClock, SETTLE_MS);
    print(await Promise.all(measuring.map((each) => each.announcing(WINDOW_MS))));
  } finally {
    await Promise.all(measuring.map((each) => each.end()));
  }
  console.log(`\n${Math.round((performance.now() - begun) / 1000)} s in all`);
}

function print(measurements: readonly Measurement[]): void {
  const head = ["backend", "daemons", "format", "in msg/s", "in B/s", "out msg/s", "out B/s", "out B/s, all listen"];
  console.log(
    `announcing, every ${KEEP_ALIVE_MS / 1000} s; ${LISTENERS} daemons listen; without what idle links cost\n`,
  );
  console.log(table(head, measurements.flatMap(rows), 3));
  console.log("\nidle links: what each second of being connected costs, whatever is announced\n");
  const idle = measurements.filter(({ cell }) => cell.format === "compact").map(idleRow);
  console.log(table(["backend", "daemons", "in B/s", "out B/s"], idle, 2));
}

function rows(measurement: Measurement, index: number, all: readonly Measurement[]): string[][] {
  const { cell, announcing } = measurement;
  const row = [cell.backend, String(cell.daemons), cell.format, ...numbers(announcing, cell.daemons).map(count)];
  const before = all[index - 1];
  if (cell.format === "lobby" || before === undefined) return [row];
  const lobby = numbers(before.announcing, cell.daemons);
  const ratios = numbers(announcing, cell.daemons).map((value, column) => (value / (lobby[column] ?? 1)).toFixed(2));
  return [row, ["", "", "compact ÷ lobby", ...ratios]];
}

function numbers({ messagesIn, bytesIn, messagesOut, bytesOut }: Rates, daemons: number): number[] {
  return [messagesIn, bytesIn, messagesOut, bytesOut, (bytesOut / LISTENERS) * daemons];
}

function idleRow({ cell, idle }: Measurement): string[] {
  return [cell.backend, String(cell.daemons), count(idle.bytesIn), count(idle.bytesOut)];
}
