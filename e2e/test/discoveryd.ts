import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, reapWithUs, waitUntil } from "@org/discovery-test-servers";
import { onTestFinished } from "vitest";

/** `main.ts` beside the package's index: what `npx -y pnpm@12 start` and the published command run. */
export const MAIN = fileURLToPath(new URL("main.ts", import.meta.resolve("@org/discovery-daemon")));
const START_TIMEOUT_MS = 60_000;
const PORT_ATTEMPTS = 5;

export interface DiscoverydOptions {
  /** More flags. HTTP address, data folder and labels folder are set already. */
  readonly flags?: readonly string[];
  /** The whole environment besides PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  /** The folder that it is started in. Default: its own. */
  readonly cwd?: string;
  /** What `start` and `restart` wait for. Default `ready`. */
  readonly until?: "ready" | "alive" | "spawned";
}

/** A host as the HTTP API lists it. */
export interface ListedHost {
  readonly hostname: string;
  readonly labels: readonly string[];
  readonly last_check: number;
}

export interface LogLine {
  readonly level: string;
  readonly time: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** How a daemon ended, and how long that took after it was told to. */
export interface Ending {
  readonly code: number | null;
  readonly ms: number;
}

/** A real discoveryd in a process of its own, with a home of its own. Gone when the test is. */
export class Discoveryd {
  readonly port: number;
  readonly folder: string;
  readonly #options: DiscoverydOptions;
  #child: ChildProcess | undefined;
  #release: () => void = () => {};

  private constructor(port: number, folder: string, options: DiscoverydOptions) {
    this.port = port;
    this.folder = folder;
    this.#options = options;
  }

  /** Starts one for the test that runs. Takes another port where somebody else was faster. */
  static async start(options: DiscoverydOptions = {}): Promise<Discoveryd> {
    const folder = await mkdtemp(join(tmpdir(), "discovery-e2e-"));
    for (let attempt = 1; ; attempt++) {
      const daemon = new Discoveryd(await freePort(), folder, options);
      onTestFinished(() => daemon.#remove());
      try {
        await daemon.restart();
        return daemon;
      } catch (error) {
        const isTaken = (await daemon.log()).includes("the address is in use");
        if (!isTaken || attempt === PORT_ATTEMPTS) throw error;
      }
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get labelsPath(): string {
    return join(this.folder, "labels");
  }

  get dataDir(): string {
    return join(this.folder, "data");
  }

  /** Starts it anew, on the same port with what it kept. */
  async restart(until = this.#options.until ?? "ready"): Promise<void> {
    await this.kill();
    const log = await open(join(this.folder, "log"), "a");
    const { flags = [], env = {}, cwd = this.folder } = this.#options;
    const own = [
      "--http-listen",
      `127.0.0.1:${this.port}`,
      "--data-dir",
      this.dataDir,
      "--labels-path",
      this.labelsPath,
    ];
    const child = spawn(process.execPath, [MAIN, ...own, ...flags], {
      cwd,
      stdio: ["ignore", log.fd, log.fd],
      env: { PATH: process.env["PATH"] ?? "", HOME: this.folder, ...env },
    });
    await once(child, "spawn");
    await log.close();
    this.#child = child;
    this.#release = reapWithUs(child.pid as number, this.folder);
    if (until !== "spawned") await this.waitFor(until === "ready" ? "/readyz" : "/healthz");
  }

  /** Waits until the route answers with 200; rejects at once where the process ends instead. */
  async waitFor(path: string, timeoutMs = START_TIMEOUT_MS): Promise<void> {
    const isOk = async (): Promise<boolean> => {
      if (this.hasEnded) throw new Error(`discoveryd ended at once:\n${await this.log()}`);
      const response = await this.fetch(path).catch(() => undefined);
      await response?.arrayBuffer();
      return response?.status === 200;
    };
    try {
      await waitUntil(`${path} answers`, isOk, timeoutMs);
    } catch (error) {
      throw new Error(`${path} does not answer:\n${await this.log()}`, { cause: error });
    }
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.url + path, { signal: AbortSignal.timeout(5000), ...init });
  }

  async text(path: string): Promise<string> {
    return (await this.fetch(path)).text();
  }

  async json<Body = unknown>(path: string): Promise<Body> {
    return (await (await this.fetch(path)).json()) as Body;
  }

  /** What `GET /` lists. */
  hosts(): Promise<ListedHost[]> {
    return this.json("/");
  }

  async hostnames(): Promise<string[]> {
    return (await this.hosts()).map(({ hostname }) => hostname);
  }

  async addLabels(...labels: readonly string[]): Promise<string> {
    return (await this.fetch("/v1/labels", { method: "POST", body: labels.join("\n") })).text();
  }

  /** The value of one series in `/metrics`, named as it stands there; 0 where it is not there yet. */
  async metric(series: string): Promise<number> {
    const line = (await this.text("/metrics")).split("\n").find((line) => line.startsWith(`${series} `));
    return line === undefined ? 0 : Number(line.slice(series.length + 1));
  }

  /** Whether its process is over, or was never there. */
  get hasEnded(): boolean {
    return this.#child === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Everything it printed, over all its starts. */
  log(): Promise<string> {
    return readFile(join(this.folder, "log"), "utf8");
  }

  async logLines(): Promise<LogLine[]> {
    const lines = (await this.log()).split("\n").filter((line) => line.startsWith("{"));
    return lines.map((line) => JSON.parse(line) as LogLine);
  }

  /** Sends the signal and waits for the end of the process. */
  async end(signal: NodeJS.Signals): Promise<Ending> {
    const child = this.#child;
    if (child === undefined) throw new Error("discoveryd does not run");
    const begun = performance.now();
    const ended = this.hasEnded ? undefined : once(child, "exit");
    child.kill(signal);
    await ended;
    const ms = performance.now() - begun;
    this.#release();
    this.#child = undefined;
    return { code: child.exitCode, ms };
  }

  /** SIGKILL: it says goodbye to nobody. Does nothing where it does not run. */
  async kill(): Promise<void> {
    if (this.#child !== undefined) await this.end("SIGKILL");
  }

  async #remove(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
