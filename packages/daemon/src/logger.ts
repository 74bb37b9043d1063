import type { Log } from "@org/discovery-core";
import { pino, stdTimeFunctions } from "pino";
import type { Config } from "./config/options.ts";
import { describeError } from "./log/describe-error.ts";
import { prettyLine } from "./log/pretty-line.ts";
import type { LineSink } from "./log/line-sink.ts";
import { secretMask } from "./log/secret-mask.ts";

export interface LoggerOptions {
  readonly level: Config["log"]["level"];
  readonly format: Config["log"]["format"];
  /** Whether standard error is a terminal; `auto` is pretty there. */
  readonly isTerminal: boolean;
  /** Texts that never come out, wherever they stand in a line. */
  readonly secrets: readonly string[];
}

/** A field of these names is masked even where its value isn't known to be a secret, such as what a client sent. */
const SECRET_FIELDS = ["token", "password", "authorization"];

/** One line per event: a JSON object with `level`, `time` (RFC 3339) and `msg`, or text for people. */
export function createLogger(
  { level, format, isTerminal, secrets }: LoggerOptions,
  sink: Pick<LineSink, "write">,
): Log {
  const isPretty = format === "pretty" || (format === "auto" && isTerminal);
  const mask = secretMask(secrets);
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: "****" },
    },
    { write: (line) => sink.write(isPretty ? prettyLine(mask(line)) : mask(line)) },
  );
}
