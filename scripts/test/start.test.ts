import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ROOT } from "../workspace.ts";

let folder: string;
let npx: ChildProcess;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "discovery-start-"));
  const args = ["-y", "pnpm@12", "start", "--http-listen", "127.0.0.1:0", "--data-dir", folder];
  // A group of its own, as under a supervisor, so that afterwards all of it can be ended.
  npx = spawn("npx", args, { cwd: ROOT, detached: true, stdio: ["ignore", "ignore", "pipe"] });
});

afterEach(() => {
  if (npx.exitCode === null && npx.signalCode === null) process.kill(-Number(npx.pid), "SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

it.each([
  ["npx alone, as a supervisor sends it", (pid: number) => pid, "SIGTERM"],
  ["the whole group, as Ctrl-C sends it", (pid: number) => -pid, "SIGINT"],
] as const)("a signal to %s ends the daemon in good order", async (_, target, signal) => {
  const { stderr: log, pid } = npx;
  if (log === null || pid === undefined) throw new Error("npx did not start");
  const lines: string[] = [];
  // Its end is that of the last process which holds it: the daemon's.
  const ended = once(log, "close");
  createInterface(log).on("line", (line) => {
    lines.push(line);
    if (line.includes('"msg":"running"')) process.kill(target(pid), signal);
  });
  await ended;
  expect(lines.at(-1)).toContain('"msg":"stopping"');
});
