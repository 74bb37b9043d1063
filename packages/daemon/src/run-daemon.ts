import { isDiscoveryError, sleep, toError, type Clock, type Log } from "@org/discovery-core";
import type { Daemon } from "./discoveryd.ts";

/** `EX_CONFIG` of sysexits.h: the configuration is mistaken. */
export const EXIT_CONFIG = 78;

/** How long a daemon may take to say goodbye and stop, in milliseconds. */
export const GRACE_MS = 5000;

export interface RunOptions {
  readonly start: () => Promise<Daemon>;
  /** Resolves with the reason when the daemon shall stop. */
  readonly stop: Promise<string>;
  readonly clock: Clock;
  readonly log: Log;
  /** Prints a line about the configuration. */
  readonly complain: (line: string) => void;
}

/**
 * Runs a daemon from start to stop and resolves with the exit code: 0 after a stop that was asked for, 1 where the daemon
 * did not start, or did not stop within `GRACE_MS`, `EXIT_CONFIG` where it did not start for what it was told. Says why in the log, or
 * for what it was told as every mistake of the configuration is said. Never rejects.
 */
export async function runDaemon({ start, stop, clock, log, complain }: RunOptions): Promise<number> {
  // A start that hangs must not outlive the wish to stop by more than the grace.
  const abandoned = stop.then((reason) => late(clock, `${reason} came before it was done`));
  const started = await Promise.race([start().then(succeeded, failed), abandoned]);
  if ("failure" in started) {
    const { failure } = started;
    if (isDiscoveryError(failure, "invalid_argument")) {
      for (const line of failure.message.split("\n")) complain(line);
      return EXIT_CONFIG;
    }
    log.error({ err: failure }, `discoveryd could not start: ${failure.message}`);
    return 1;
  }
  const daemon = started.value;
  log.info({ address: daemon.address }, daemon.address === undefined ? "running without the HTTP API" : "running");
  log.info({ reason: await stop }, "stopping");
  const stopped = await Promise.race([
    daemon.close().then(succeeded, failed),
    late(clock, `it took longer than ${GRACE_MS / 1000} s`),
  ]);
  if (!("failure" in stopped)) return 0;
  log.error({ err: stopped.failure }, `discoveryd did not stop well: ${stopped.failure.message}`);
  return 1;
}

interface Failed {
  readonly failure: Error;
}

function succeeded<Value>(value: Value): { readonly value: Value } {
  return { value };
}

function failed(failure: unknown): Failed {
  return { failure: toError(failure) };
}

async function late(clock: Clock, message: string): Promise<Failed> {
  await sleep(clock, GRACE_MS);
  return { failure: new Error(message) };
}
