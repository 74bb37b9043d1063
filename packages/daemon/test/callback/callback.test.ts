import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realClock, waitUntil } from "@org/discovery-test-servers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Callback, type CallbackOptions } from "../../src/callback/callback.ts";
import type { RunResult } from "../../src/callback/run-command.ts";
import { RecordingLog } from "../recording-log.ts";

let folder: string;
let log: RecordingLog;
let results: RunResult[];
let callback: Callback;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "discovery-callback-"));
  log = new RecordingLog();
  results = [];
});

afterEach(async () => {
  await callback.close();
  await rm(folder, { recursive: true, force: true });
});

function start(script: string, options: Partial<CallbackOptions> = {}): Callback {
  callback = new Callback({
    clock: realClock,
    log,
    kill: (id, signal) => void process.kill(id, signal),
    command: ["sh", "-c", script, "sh", folder],
    firstRunDelayMs: 0,
    cooldownMs: 10,
    timeoutMs: 10_000,
    input: () => "[]",
    onRun: (result) => results.push(result),
    ...options,
  });
  return callback;
}

describe("Callback", () => {
  it("tells the program what is known when it begins, after every change", async () => {
    let version = 1;
    start('cat > "$1/input"', { input: () => JSON.stringify([{ hostname: `host${version}` }]) });
    callback.changed();
    await waitUntil("it ran", () => results.length === 1);
    version = 2;
    callback.changed();
    await waitUntil("it ran again", () => results.length === 2);
    expect(await readFile(join(folder, "input"), "utf8")).toBe('[{"hostname":"host2"}]');
    expect(log.at("warn")).toEqual([]);
  });

  it("logs a failure with its exit status and output, and runs again at the next change", async () => {
    start("echo no such service >&2; exit 3");
    callback.changed();
    await waitUntil("it ran", () => results.length === 1);
    callback.changed();
    await waitUntil("it ran again", () => results.length === 2);
    expect(results).toEqual(["failure", "failure"]);
    expect(log.at("warn")[0]?.fields).toMatchObject({ program: "sh", exitCode: 3, output: "no such service" });
  });

  it("survives a program that is missing and an input that can't be made", async () => {
    start("", { command: [join(folder, "missing")] });
    callback.changed();
    await waitUntil("it was tried", () => results.length === 1);
    expect(results).toEqual(["not_started"]);
    const broken = start("true", {
      input: () => {
        throw new Error("broken");
      },
    });
    broken.changed();
    await waitUntil("it was logged", () => log.at("error").length === 1);
  });

  it("kills the run under way when closed", async () => {
    start("sleep 600");
    callback.changed();
    await new Promise((resolve) => setTimeout(resolve, 200));
    await callback.close();
    expect(results).toEqual(["aborted"]);
  });
});
