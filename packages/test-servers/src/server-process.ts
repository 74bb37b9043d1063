import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { freePort } from "./free-port.ts";
import { reapWithUs } from "./reaper.ts";
import { waitUntil } from "./wait-until.ts";

/** Where one server runs. */
export interface ServerPlace {
  readonly port: number;
  /** The temporary folder for configuration and log; removed by `stop`. */
  readonly folder: string;
  /** The folder within it for what the server keeps; removed by `restart({ empty: true })` too. */
  readonly data: string;
}

/** How to run one kind of server. */
export interface ServerPlan {
  readonly command: string;
  args(place: ServerPlace): readonly string[];
  /** Whether this very process answers there, not a stranger that took the port first. */
  answers(place: ServerPlace, pid: number): Promise<boolean>;
}

export interface RestartOptions {
  /** Without its data, as if the machine had been replaced. */
  readonly empty?: boolean;
}

const START_TIMEOUT_MS = 60_000;
const PORT_ATTEMPTS = 5;

/** A server of its own for one test: a real process on a free loopback port, with a temporary folder. */
export class ServerProcess {
  readonly place: ServerPlace;
  readonly #plan: ServerPlan;
  #child: ChildProcess | undefined;
  #release: (() => void) | undefined;

  private constructor(plan: ServerPlan, place: ServerPlace) {
    this.#plan = plan;
    this.place = place;
  }

  /** Starts it and waits until it answers; takes another port where somebody else was faster. */
  static async start(plan: ServerPlan, prepare?: (place: ServerPlace) => Promise<void>): Promise<ServerProcess> {
    const folder = await mkdtemp(join(tmpdir(), `discovery-${basename(plan.command)}-`));
    for (let attempt = 1; ; attempt++) {
      const place = { port: await freePort(), folder, data: join(folder, "data") };
      const server = new ServerProcess(plan, place);
      try {
        await prepare?.(place);
        await server.#launch();
        return server;
      } catch (error) {
        const mayBeTaken = server.#hasEnded;
        await server.kill();
        if (mayBeTaken && attempt < PORT_ATTEMPTS) continue;
        await server.stop();
        throw error;
      }
    }
  }

  /** SIGKILL: it gets no chance to write anything. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.#release?.();
    this.#release = undefined;
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || hasEnded(child)) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  /** SIGSTOP: its sockets stay open, and nobody answers on them. */
  freeze(): void {
    this.#child?.kill("SIGSTOP");
  }

  /** SIGCONT: it goes on where `freeze` stopped it. */
  thaw(): void {
    this.#child?.kill("SIGCONT");
  }

  /** Kills it where it still runs and starts it on the same port; resolves when it answers. */
  async restart(options: RestartOptions = {}): Promise<void> {
    await this.kill();
    if (options.empty === true) await rm(this.place.data, { recursive: true, force: true });
    await this.#launch();
  }

  /** Kills it and removes its folder. Idempotent. */
  async stop(): Promise<void> {
    await this.kill();
    await rm(this.place.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  /** What it has printed so far. */
  log(): Promise<string> {
    return readFile(join(this.place.folder, "log"), "utf8");
  }

  get #hasEnded(): boolean {
    return this.#child !== undefined && hasEnded(this.#child);
  }

  async #launch(): Promise<void> {
    const { place } = this;
    await mkdir(place.data, { recursive: true });
    const child = await this.#spawn();
    this.#child = child;
    const pid = child.pid as number;
    this.#release = reapWithUs(pid, place.folder);
    await waitUntil(
      `${this.#plan.command} answers on port ${place.port}`,
      async () => {
        if (hasEnded(child)) throw new Error(`${this.#plan.command} ended at once:\n${await this.log()}`);
        return this.#plan.answers(place, pid);
      },
      START_TIMEOUT_MS,
    );
  }

  async #spawn(): Promise<ChildProcess> {
    const { command } = this.#plan;
    const log = await open(join(this.place.folder, "log"), "a");
    try {
      const child = spawn(command, this.#plan.args(this.place), {
        cwd: this.place.data,
        stdio: ["ignore", log.fd, log.fd],
        // Debian keeps nats-server in /usr/sbin, which is not in everybody's path.
        env: { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin` },
      });
      await once(child, "spawn");
      child.unref();
      return child;
    } catch (error) {
      throw new Error(`cannot run ${command}: is Debian's package for it installed?`, { cause: error });
    } finally {
      await log.close();
    }
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
