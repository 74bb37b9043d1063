import { DiscoveryError, VirtualClock } from "@org/discovery-core";
import { expect, test } from "vitest";
import type { Daemon } from "../src/discoveryd.ts";
import { EXIT_CONFIG, GRACE_MS, runDaemon } from "../src/run-daemon.ts";
import { RecordingLog } from "./recording-log.ts";

function scene() {
  const clock = new VirtualClock();
  const log = new RecordingLog();
  const { promise: stop, resolve: requestStop } = Promise.withResolvers<string>();
  const complaints: string[] = [];
  const complain = (line: string): void => void complaints.push(line);
  const run = (start: () => Promise<Daemon>): Promise<number> => runDaemon({ start, stop, clock, log, complain });
  return { clock, log, complaints, requestStop, run };
}

function daemon(close: () => Promise<void>): () => Promise<Daemon> {
  return async () => ({ address: "127.0.0.1:1", close });
}

const never = <Value>(): Promise<Value> => new Promise(() => undefined);

test("a stop that was asked for closes the daemon once and exits with 0", async () => {
  const { requestStop, run } = scene();
  let closed = 0;
  const code = run(daemon(async () => void closed++));
  requestStop("SIGTERM");
  expect(await code).toBe(0);
  expect(closed).toBe(1);
});

test("a close that hangs is given up after the grace", async () => {
  const { clock, requestStop, run } = scene();
  let code: number | undefined;
  void run(daemon(never)).then((it) => (code = it));
  requestStop("SIGTERM");
  await clock.advance(GRACE_MS - 1);
  expect(code).toBeUndefined();
  await clock.advance(1);
  expect(code).toBe(1);
});

test("a close that fails exits with 1 and says so", async () => {
  const { log, requestStop, run } = scene();
  const code = run(daemon(() => Promise.reject(new Error("no goodbye"))));
  requestStop("SIGTERM");
  expect(await code).toBe(1);
  expect(JSON.stringify(log)).toContain("no goodbye");
});

test("a start that fails exits with 1 and says so in the log", async () => {
  const { log, complaints, run } = scene();
  expect(await run(() => Promise.reject(new DiscoveryError("unavailable", "127.0.0.1:1 is taken")))).toBe(1);
  expect(JSON.stringify(log)).toContain("127.0.0.1:1 is taken");
  expect(complaints).toEqual([]);
});

test("a start that fails for what it was told exits with 78 and prints each mistake, which the log need not repeat", async () => {
  const { log, complaints, run } = scene();
  expect(await run(() => Promise.reject(new DiscoveryError("invalid_argument", "a: wrong\nb: wrong")))).toBe(
    EXIT_CONFIG,
  );
  expect(complaints).toEqual(["a: wrong", "b: wrong"]);
  expect(log.lines).toEqual([]);
});

test("a start that hangs ends after the wish to stop", async () => {
  const { clock, requestStop, run } = scene();
  let code: number | undefined;
  void run(never).then((it) => (code = it));
  await clock.advance(60_000);
  expect(code).toBeUndefined();
  requestStop("SIGINT");
  await clock.advance(GRACE_MS);
  expect(code).toBe(1);
});
