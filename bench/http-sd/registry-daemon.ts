import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, waitUntil } from "@org/discovery-test-servers";
import { type Answer, HttpClient } from "./http-client.ts";

const MAIN = fileURLToPath(new URL("../../packages/daemon/src/main.ts", import.meta.url));
/** Registrations under way at a time. */
const PARALLEL = 32;
const START_MS = 30_000;

/** A daemon of its own process, with the embedded driver, and one Prometheus server registered. */
export interface RegistryDaemon {
  readonly client: HttpClient;
  /** Registers the services with these numbers. */
  register(from: number, to: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startRegistryDaemon(server: string): Promise<RegistryDaemon> {
  const folder = await mkdtemp(join(tmpdir(), "discovery-bench-"));
  const port = await freePort();
  const flags = ["--http-listen", `127.0.0.1:${port}`, "--data-dir", folder, "--log-level", "error"];
  const daemon = spawn(process.execPath, [MAIN, ...flags], { stdio: ["ignore", "inherit", "inherit"] });
  const client = new HttpClient(port);
  const isReady = async (): Promise<boolean> => {
    const answer = await client.get("/readyz").catch(() => undefined);
    return answer?.status === 200;
  };
  await waitUntil("the daemon is ready", isReady, START_MS);
  await post(client, "/v1/servers", { name: server });
  return {
    client,
    register: async (from, to) => {
      for (let start = from; start < to; start += PARALLEL) {
        const numbers = Array.from({ length: Math.min(PARALLEL, to - start) }, (_, index) => start + index);
        await Promise.all(numbers.map((number) => post(client, "/v1/services", service(number))));
      }
    },
    stop: async () => {
      client.close();
      const gone = new Promise((resolve) => void daemon.once("close", resolve));
      daemon.kill();
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function post(client: HttpClient, path: string, body: object): Promise<Answer> {
  const answer = await client.post(path, JSON.stringify(body));
  if (answer.status === 200) return answer;
  throw new Error(`POST ${path}: ${answer.status} ${answer.body.toString()}`);
}

function service(number: number): object {
  return {
    name: `job-${number % 50}`,
    endpoint: `http://host-${number}.example.com:9100/metrics`,
    labels: { env: number % 2 === 0 ? "prod" : "test", rack: `rack-${number % 40}` },
  };
}
