import { count, table } from "../table.ts";
import type { HttpClient } from "./http-client.ts";
import { startRegistryDaemon, type RegistryDaemon } from "./registry-daemon.ts";

const SERVICES = 10_000;
const ROUNDS = 15;
const SERVER = "prometheus1.example.com";
const PATH = `/v1/sd/${SERVER}/default`;

/** What one way of asking took, in milliseconds, as medians of all rounds. */
interface Row {
  readonly how: string;
  readonly bytes: number;
  readonly firstMs: number;
  readonly secondMs: number;
}

/**
 * What the list of 10,000 services, or of `size`, costs the first time after a change, when it has to be rendered, and the second time, when it is
 * a buffer and a header. Both are measured in one run, in turns, so that their ratio does not depend on the machine.
 */
export async function benchHttpSd(size = SERVICES): Promise<void> {
  const daemon = await startRegistryDaemon(SERVER);
  try {
    await daemon.register(0, size);
    const plain = await measure(daemon, "plain", { "Accept-Encoding": "identity" });
    const gzip = await measure(daemon, "gzip, as Prometheus asks", { "Accept-Encoding": "gzip" });
    print([plain, gzip], { services: size, floorMs: await floor(daemon.client) });
  } finally {
    await daemon.stop();
  }
}

async function measure(daemon: RegistryDaemon, how: string, headers: Record<string, string>): Promise<Row> {
  const first: number[] = [];
  const second: number[] = [];
  let bytes = 0;
  for (let round = 0; round < ROUNDS; round++) {
    // Registering a service again is a change.
    await daemon.register(round, round + 1);
    const fresh = await daemon.client.get(PATH, headers);
    const cached = await daemon.client.get(PATH, headers);
    if (!cached.body.equals(fresh.body)) throw new Error("the second answer is another one");
    bytes = fresh.body.byteLength;
    first.push(fresh.tookMs);
    second.push(cached.tookMs);
  }
  return { how, bytes, firstMs: median(first), secondMs: median(second) };
}

/** What any request costs: the way there and back. */
async function floor(client: HttpClient): Promise<number> {
  const took: number[] = [];
  for (let round = 0; round < 5 * ROUNDS; round++) took.push((await client.get("/healthz")).tookMs);
  return median(took);
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function print(rows: readonly Row[], { services, floorMs }: { services: number; floorMs: number }): void {
  console.log(`GET ${PATH}, ${count(services)} services, medians of ${ROUNDS} rounds; /healthz ${count(floorMs)} ms\n`);
  const cells = rows.map(({ how, bytes, firstMs, secondMs }) => [
    how,
    count(bytes),
    count(firstMs),
    count(secondMs),
    `${count(firstMs / secondMs)} ×`,
  ]);
  console.log(table(["", "bytes", "first, ms", "second, ms", "first ÷ second"], cells));
}
