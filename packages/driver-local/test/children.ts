import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** A child process, and what it printed so far. */
export class Child {
  readonly #process: ChildProcessByStdio<null, Readable, null>;
  #output = "";
  readonly #ended: Promise<unknown>;

  /** Runs the script with Node. `fileLimit`: the largest file that it may write, in blocks of 512 bytes. */
  constructor(script: URL, args: readonly string[], fileLimit?: number) {
    const node = [process.execPath, fileURLToPath(script), ...args];
    const limited = ["sh", "-c", `ulimit -f ${fileLimit}; exec "$@"`, "sh", ...node];
    const [command = "", ...rest] = fileLimit === undefined ? node : limited;
    this.#process = spawn(command, rest, { stdio: ["ignore", "pipe", "inherit"] });
    this.#process.stdout.setEncoding("utf8").on("data", (text: string) => void (this.#output += text));
    this.#ended = once(this.#process, "close");
    onTestFinished(() => this.kill());
  }

  /** The lines that are complete. */
  get lines(): string[] {
    return this.#output.split("\n").slice(0, -1);
  }

  async printed(count: number): Promise<void> {
    while (this.lines.length < count && this.#process.exitCode === null) await once(this.#process.stdout, "data");
  }

  /** SIGKILL, and waits for the last of the output. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#ended;
  }

  async ended(): Promise<void> {
    await this.#ended;
  }
}
