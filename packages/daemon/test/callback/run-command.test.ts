import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VirtualClock } from "@org/discovery-core";
import { realClock, waitUntil } from "@org/discovery-test-servers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCommand, type CommandRun, type Kill } from "../../src/callback/run-command.ts";

const kill: Kill = (id, signal) => void process.kill(id, signal);

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "discovery-callback-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

function shell(
  script: string,
  options: { input?: string; changes?: string; abort?: AbortSignal } = {},
): Promise<CommandRun> {
  const { input = "", changes = "", abort = new AbortController().signal } = options;
  const command = ["sh", "-c", script, "sh", folder];
  return runCommand({ clock: realClock, kill, command, input, changes, timeoutMs: 600_000, abort });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A program under a limit of 300 ms that this test lets pass when it likes: however long the program takes to begin. */
function limited(script: string) {
  const clock = new VirtualClock();
  const { signal: abort } = new AbortController();
  const command = ["sh", "-c", script, "sh", folder];
  const running = runCommand({ clock, kill, command, input: "", changes: "", timeoutMs: 300, abort });
  return { clock, running };
}

async function pidIn(file: string): Promise<number> {
  let text = "";
  await waitUntil(`${file} holds a process id`, async () => {
    text = await readFile(join(folder, file), "utf8").catch(() => "");
    return text.endsWith("\n");
  });
  return Number(text);
}

describe("runCommand", () => {
  it("gives the program its input whole, however large", async () => {
    const input = "x".repeat(5 * 1024 * 1024);
    expect(await shell("wc -c", { input })).toEqual({
      result: "success",
      exitCode: 0,
      signal: null,
      output: String(input.length),
    });
  });

  it("does not mind a program that reads only the beginning of its input", async () => {
    const input = "x".repeat(5 * 1024 * 1024);
    expect(await shell("head -c 1", { input })).toMatchObject({ result: "success", output: "x" });
  });

  it("gives it the changes on descriptor 3, however large, in whatever order both are read", async () => {
    const input = "x".repeat(3 * 1024 * 1024);
    const changes = "y".repeat(2 * 1024 * 1024);
    const output = `${changes.length}\n${input.length}`;
    expect(await shell("wc -c <&3; wc -c", { input, changes })).toMatchObject({ result: "success", output });
    const script = 'const { readFileSync: read } = require("fs"); console.log(read(0).length, read(3).length)';
    const command = [process.execPath, "-e", script];
    const abort = new AbortController().signal;
    const run = await runCommand({ clock: realClock, kill, command, input, changes, timeoutMs: 600_000, abort });
    expect(run).toMatchObject({ result: "success", output: `${input.length} ${changes.length}` });
  });

  it("passes arguments as they are, with no shell in between", async () => {
    const abort = new AbortController().signal;
    const command = ["printf", "%s|", "$HOME", "a b", "; exit 3", "*"];
    const run = await runCommand({
      clock: realClock,
      kill,
      command,
      input: "",
      changes: "",
      timeoutMs: 600_000,
      abort,
    });
    expect(run).toMatchObject({ result: "success", output: "$HOME|a b|; exit 3|*|" });
  });

  it("reports the exit status and what was printed on either stream", async () => {
    expect(await shell("echo out; echo err >&2; exit 3")).toMatchObject({
      result: "failure",
      exitCode: 3,
      output: expect.stringMatching(/out\nerr|err\nout/),
    });
  });

  it("reports the signal of a program that was killed by somebody else", async () => {
    expect(await shell("kill -KILL $$")).toMatchObject({ result: "failure", exitCode: null, signal: "SIGKILL" });
  });

  it("keeps the end of a long output only", async () => {
    const run = await shell("yes | head -c 10000000; echo the end");
    expect(run.output).toMatch(/^\[99\d+ bytes before\] [^]*the end$/);
    expect(run.output.length).toBeLessThan(4200);
  });

  it("says why a program could not be started", async () => {
    const abort = new AbortController().signal;
    const command = [join(folder, "missing")];
    const run = await runCommand({
      clock: realClock,
      kill,
      command,
      input: "x",
      changes: "y",
      timeoutMs: 600_000,
      abort,
    });
    expect(run).toMatchObject({ result: "not_started", exitCode: null, output: expect.stringContaining("ENOENT") });
  });

  it("kills a hanging program and everything it started", async () => {
    const { clock, running } = limited('sleep 600 & echo $! > "$1/child"; wait');
    const child = await pidIn("child");
    await clock.advance(299);
    expect(isAlive(child)).toBe(true);
    await clock.advance(1);
    expect(await running).toMatchObject({ result: "timeout", signal: "SIGTERM" });
    await waitUntil("the grandchild is gone", () => !isAlive(child));
  });

  it("kills one that ignores SIGTERM, too", async () => {
    const { clock, running } = limited('trap "" TERM; echo $$ > "$1/pid"; while :; do sleep 0.1; done');
    const pid = await pidIn("pid");
    await clock.advance(300 + 1999);
    expect(isAlive(pid)).toBe(true);
    await clock.advance(1);
    expect(await running).toMatchObject({ result: "timeout", signal: "SIGKILL" });
  });

  it("says timeout where a program ends well only because it was told to", async () => {
    const { clock, running } = limited('trap "exit 0" TERM; echo $$ > "$1/pid"; while :; do sleep 0.05; done');
    await pidIn("pid");
    await clock.advance(300);
    expect(await running).toMatchObject({ result: "timeout", exitCode: 0 });
  });

  it("does not wait for a background process that keeps the output open, nor kill it", async () => {
    expect(await shell('sleep 600 & echo $! > "$1/child"')).toMatchObject({ result: "success" });
    const child = await pidIn("child");
    expect(isAlive(child)).toBe(true);
    process.kill(child, "SIGKILL");
  });

  it("ends early when told", async () => {
    const abort = new AbortController();
    const running = shell("sleep 600", { abort: abort.signal });
    abort.abort();
    expect(await running).toMatchObject({ result: "aborted" });
    expect(await shell("sleep 600", { abort: abort.signal })).toMatchObject({ result: "aborted" });
  });
});
