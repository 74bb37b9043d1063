import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startRedis, waitUntil } from "@org/discovery-test-servers";
import { expect, it, onTestFinished } from "vitest";
import { registryUnderTest, temporaryFolder } from "./registry-under-test.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

interface Daemon {
  readonly url: string;
  readonly child: ChildProcess;
}

/** One that listens where nobody else does, which it says itself. */
async function daemon(folder: string, argv: readonly string[]): Promise<Daemon> {
  const own = ["--http-listen", "127.0.0.1:0", "--data-dir", folder, "--labels-path", join(folder, "labels")];
  const env = { PATH: process.env["PATH"], HOME: folder };
  const child = spawn(process.execPath, [MAIN, ...own, ...argv], { stdio: ["ignore", "ignore", "pipe"], env });
  onTestFinished(() => void child.kill("SIGKILL"));
  let printed = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (printed += chunk));
  const address = (): string | undefined => /"address":"([^"]+)","msg":"HTTP API listens"/.exec(printed)?.[1];
  const isReady = async (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`discoveryd ended at once:\n${printed}`);
    return address() !== undefined && (await fetch(`http://${address()}/readyz`)).status === 200;
  };
  await waitUntil("discoveryd is ready", isReady, 60_000);
  return { url: `http://${address()}`, child };
}

/** What a client may believe of a registration. */
type Outcome = "done" | "not done" | "unknown";

async function register(url: string, endpoint: string): Promise<Outcome> {
  try {
    const body = JSON.stringify({ name: "a", endpoint });
    const { status } = await fetch(`${url}/v1/services`, { method: "POST", body });
    if (status === 200) return "done";
    return status === 503 ? "not done" : "unknown";
  } catch (error) {
    // Nobody listened: not done. A connection that broke: who knows.
    const cause = (error as Error).cause as { code?: string } | undefined;
    return cause?.code === "ECONNREFUSED" ? "not done" : "unknown";
  }
}

const drivers = {
  redis: async (): Promise<readonly string[]> => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    return ["--driver", "redis", "--redis-url", redis.url];
  },
  local: (): Promise<readonly string[]> => Promise.resolve([]),
};

it.each(["redis", "local"] as const)(
  "a daemon on %s killed in the middle of 1,000 registrations loses nothing that it acknowledged",
  { timeout: 180_000 },
  async (driver) => {
    const folder = await temporaryFolder();
    const argv = await drivers[driver]();
    const { url, child } = await daemon(folder, argv);
    await fetch(`${url}/v1/servers`, { method: "POST", body: '{"name":"s"}' });
    const outcomes = new Map<string, Outcome>();
    let done = 0;
    const workers = Array.from({ length: 50 }, async (_, worker) => {
      for (let index = worker; index < 1000; index += 50) {
        const endpoint = `http://h${index}/`;
        const outcome = await register(url, endpoint);
        outcomes.set(endpoint, outcome);
        if (outcome === "done") done += 1;
        if (outcome === "done" && done === 300) child.kill("SIGKILL");
      }
    });
    await Promise.all(workers);
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    const { service } = await registryUnderTest({ folder, argv });
    const stored = new Set(service.catalog.stored().map(({ endpoint }) => endpoint));
    const told = (wanted: Outcome): string[] =>
      [...outcomes].filter(([, outcome]) => outcome === wanted).map(([endpoint]) => endpoint);
    expect(outcomes.size).toBe(1000);
    expect(told("done").filter((endpoint) => !stored.has(endpoint))).toEqual([]);
    expect(told("not done").filter((endpoint) => stored.has(endpoint))).toEqual([]);
    expect(told("done").length).toBeGreaterThanOrEqual(300);
    expect(told("not done").length).toBeGreaterThan(100);
  },
);
