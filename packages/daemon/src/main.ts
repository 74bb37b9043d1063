#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { parseCommandLine } from "./command-line.ts";
import type { Command } from "./config/command.ts";
import { formatMistake, oneLine } from "./config/given.ts";
import { helpText } from "./config/help.ts";
import type { Config } from "./config/options.ts";
import { resolve, type Resolution } from "./config/resolve.ts";
import { showConfig } from "./config/show.ts";
import { startDaemon } from "./discoveryd.ts";
import { driverMistakes } from "./drivers/check-drivers.ts";
import { startExporter } from "./exporter/start-exporter.ts";
import { lineSink } from "./log/line-sink.ts";
import { secretMask } from "./log/secret-mask.ts";
import { createLogger } from "./logger.ts";
import { EXIT_CONFIG, runDaemon } from "./run-daemon.ts";
import { systemClock } from "./system-clock.ts";

const STOP_SIGNALS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;
/** Longest period that a timer of Node takes, in milliseconds. */
const FOREVER_MS = 2 ** 31 - 1;
/** Standard output is for what somebody asked for; the log goes here. */
const STANDARD_ERROR = 2;

type Start = typeof startDaemon;
type StopSignal = keyof typeof STOP_SIGNALS;

await main();

async function main(): Promise<void> {
  process.stdout.on("error", endOutput);
  const argv = process.argv.slice(2);
  const commandLine = parseCommandLine(argv);
  if (commandLine.action === "help") {
    process.stdout.write(helpText());
    return;
  }
  if (commandLine.action === "version") {
    process.stdout.write(`discoveryd ${version()}\n`);
    return;
  }
  const isRoot = process.getuid?.() === 0;
  const { command } = commandLine;
  const invocation = { command, argv, environment: process.env, homeFolder: homeFolder(), isRoot };
  const resolution = resolve(commandLine, invocation);
  const { config } = resolution;
  if (commandLine.action === "run" && config !== undefined) {
    await serve(command === "exporter" ? startExporter : startDaemon, config, resolution);
    return;
  }
  if (commandLine.action === "show-config") process.stdout.write(showConfig(resolution));
  const mistakes = resolution.mistakes.map(formatMistake);
  if (config !== undefined) mistakes.push(...(await refusals(command, config, resolution)));
  const mask = secretMask(resolution.secrets);
  for (const line of [...resolution.warnings, ...mistakes]) process.stderr.write(`${mask(oneLine(line))}\n`);
  if (mistakes.length > 0) process.exitCode = EXIT_CONFIG;
}

/** What the drivers would refuse at a start, which `--show-config` tells as well. */
async function refusals(command: Command, config: Config, { settings }: Resolution): Promise<readonly string[]> {
  // It reads from another daemon then.
  if (command === "exporter" && config.exporter.from !== undefined) return [];
  return driverMistakes(config, { clock: systemClock, folder: process.cwd(), settings });
}

/** A reader that has seen enough, such as `head`, is no fault. */
function endOutput(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") return;
  process.stderr.write(`standard output: ${error.message}\n`);
  process.exitCode = 1;
}

/** Runs the daemon until it is told to stop, then ends the process. */
async function serve(start: Start, config: Config, { secrets, settings, warnings }: Resolution): Promise<void> {
  const sink = lineSink(STANDARD_ERROR, process.stderr, systemClock);
  const isTerminal = process.stderr.isTTY;
  const log = createLogger({ ...config.log, isTerminal, secrets }, sink);
  const exit = (code: number): void => void sink.flush().then(() => process.exit(code));
  const crash = (error: unknown): void => {
    log.error({ err: error }, "discoveryd crashed");
    exit(1);
  };
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
  // Before the first line: whoever has read one may expect it to end well.
  const stop = stopRequest(exit);
  for (const warning of warnings) log.warn({}, warning);
  // Timers of the clock don't keep the process alive, and without the API there may be no socket that does.
  setInterval(() => undefined, FOREVER_MS);
  const clock = systemClock;
  const mask = secretMask(secrets);
  const code = await runDaemon({
    start: () => start(config, { clock, log, random: Math.random, kill: killProcess, folder: process.cwd(), settings }),
    stop,
    clock,
    log,
    complain: (line) => sink.write(`${mask(oneLine(line))}\n`),
  });
  exit(code);
}

/** Resolves with the name of the first signal to stop. A second one ends the process at once, as a shell expects it. */
function stopRequest(exit: (code: number) => void): Promise<string> {
  return new Promise((stop) => {
    let isStopping = false;
    for (const [signal, number] of Object.entries(STOP_SIGNALS) as [StopSignal, number][]) {
      process.on(signal, () => {
        if (isStopping) exit(128 + number);
        isStopping = true;
        stop(signal);
      });
    }
  });
}

function killProcess(pid: number, signal: NodeJS.Signals): void {
  process.kill(pid, signal);
}

/** The user's folder; `/` for a user that the system doesn't know, as containers have them. */
function homeFolder(): string {
  try {
    return homedir();
  } catch {
    return "/";
  }
}

function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}
