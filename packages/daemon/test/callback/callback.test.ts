import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realClock, waitUntil } from "@org/discovery-test-servers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startCallback, type CallbackOptions } from "../../src/callback/callback.ts";
import type { Notifier } from "../../src/callback/notifier.ts";
import type { RunResult } from "../../src/callback/run-command.ts";
import { RecordingLog } from "../recording-log.ts";
import { KnownHosts } from "./known-hosts.ts";

let folder: string;
let log: RecordingLog;
let known: KnownHosts;
let results: RunResult[];
let callbacks: Notifier[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "discovery-callback-"));
  log = new RecordingLog();
  known = new KnownHosts();
  results = [];
  callbacks = [];
});

afterEach(async () => {
  await Promise.all(callbacks.map((callback) => callback.close()));
  await rm(folder, { recursive: true, force: true });
});

function start(script: string, options: Partial<CallbackOptions> = {}): Notifier {
  const callback = startCallback({
    clock: realClock,
    log,
    kill: (id, signal) => void process.kill(id, signal),
    command: ["sh", "-c", script, "sh", folder],
    rule: { firstRunDelayMs: 0, cooldownMs: 10, minWaitMs: 20, maxWaitMs: 80 },
    timeoutMs: 10_000,
    hosts: known.list,
    onRun: (result) => results.push(result),
    ...options,
  });
  known.onChange((change) => callback.changed(change));
  callbacks.push(callback);
  return callback;
}

function ran(times: number): Promise<void> {
  return waitUntil(`it ran ${times} times`, () => results.length === times);
}

const KEEP = 'cat > "$1/hosts"; cat <&3 > "$1/changes"';

async function kept(file: "hosts" | "changes"): Promise<unknown> {
  return JSON.parse(await readFile(join(folder, file), "utf8"));
}

describe("startCallback", () => {
  it("tells the program all hosts in lobby's shape, and what changed since its last run", async () => {
    start(KEEP);
    known.set("b", "x");
    known.set("a");
    await ran(1);
    const lastCheck = { last_check: 1_700_000_000 };
    const all = [
      { hostname: "a", labels: [], ...lastCheck },
      { hostname: "b", labels: ["x"], ...lastCheck },
    ];
    expect(await kept("hosts")).toEqual(all);
    expect(await kept("changes")).toEqual(all.map(({ hostname }) => ({ hostname, reason: "joined" })));
    known.set("a", "y");
    known.set("c");
    known.remove("b", "expired");
    known.remove("c", "left");
    await ran(2);
    expect(await kept("hosts")).toEqual([{ hostname: "a", labels: ["y"], ...lastCheck }]);
    expect(await kept("changes")).toEqual([
      { hostname: "a", reason: "changed" },
      { hostname: "b", reason: "expired" },
    ]);
    expect(log.at("warn")).toEqual([]);
  });

  it("tells what is known at the start, without a change", async () => {
    known.set("a");
    start(KEEP);
    await ran(1);
    expect(await kept("changes")).toEqual([{ hostname: "a", reason: "joined" }]);
  });

  it("does not run for what cancels out", async () => {
    start("true");
    known.set("a");
    await ran(1);
    known.set("b");
    known.remove("b", "left");
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(results).toEqual(["success"]);
  });

  it("logs a failure with its exit status and output, and tells its changes again with the next", async () => {
    start(`${KEEP}; test -e "$1/fixed" || { echo no such service >&2; : > "$1/fixed"; exit 3; }`);
    known.set("a");
    await ran(1);
    expect(log.at("warn")[0]?.fields).toMatchObject({ program: "sh", exitCode: 3, output: "no such service" });
    known.set("b");
    await ran(2);
    const joined = (hostname: string) => ({ hostname, reason: "joined" });
    expect(await kept("changes")).toEqual([joined("a"), joined("b")]);
    known.set("c");
    await ran(3);
    expect(await kept("changes")).toEqual([joined("c")]);
    expect(results).toEqual(["failure", "success", "success"]);
  });

  it("survives a program that is missing and hosts that can't be told", async () => {
    start("", { command: [join(folder, "missing")] });
    known.set("a");
    await waitUntil("it was tried", () => results.length === 1);
    expect(results).toEqual(["not_started"]);
    const broken = [{ hostname: "a", labels: [], lastSeen: 1n as unknown as number }];
    start("true", { hosts: () => broken });
    await waitUntil("it was logged", () => log.at("error").length === 1);
  });

  it("runs several independently: a hanging one holds up no other", async () => {
    start("sleep 600", { timeoutMs: 60_000 });
    start(KEEP);
    known.set("a");
    await ran(1);
    known.set("b");
    await ran(2);
    expect(await kept("changes")).toEqual([{ hostname: "b", reason: "joined" }]);
  });

  it("kills the run under way when closed", async () => {
    const callback = start(': > "$1/begun"; sleep 600');
    known.set("a");
    await waitUntil("it runs", () => existsSync(join(folder, "begun")));
    await callback.close();
    expect(results).toEqual(["aborted"]);
  });
});
