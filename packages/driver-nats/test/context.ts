import type { Driver, DriverContext, Log, LogFields, Store } from "@org/discovery-core";
import { realClock } from "@org/discovery-test-servers";
import * as v from "valibot";
import { natsDriver } from "../src/index.ts";
import { natsOptions } from "../src/options.ts";

export interface LogLine {
  readonly level: keyof Log;
  readonly fields: LogFields;
  readonly message: string;
}

/** A log that can be read. */
export class LogBook implements Log {
  readonly lines: LogLine[] = [];

  debug(fields: LogFields, message: string): void {
    this.lines.push({ level: "debug", fields, message });
  }

  info(fields: LogFields, message: string): void {
    this.lines.push({ level: "info", fields, message });
  }

  warn(fields: LogFields, message: string): void {
    this.lines.push({ level: "warn", fields, message });
  }

  error(fields: LogFields, message: string): void {
    this.lines.push({ level: "error", fields, message });
  }
}

function realContext(log: Log = new LogBook()): DriverContext {
  return { clock: realClock, log, random: Math.random };
}

/** A driver in real time, with the defaults for whatever is not given. */
export function natsDriverWith(
  options: v.InferInput<typeof natsOptions>,
  log?: Log,
): ReturnType<typeof natsDriver.create> {
  return natsDriver.create(v.parse(natsOptions, options), realContext(log));
}

export type Keeper = Driver & { readonly store: Store };

/** The same, for a driver that keeps things. */
export function natsKeeperWith(options: v.InferInput<typeof natsOptions>, log?: Log): Keeper {
  const driver = natsDriverWith(options, log);
  if (driver.store === undefined) throw new Error("no store");
  return driver as Keeper;
}
