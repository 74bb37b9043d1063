import { UsageError } from "./exit-code.ts";

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/;
const MAX_MS = 24 * 3_600_000;

/** Milliseconds of `15s`, `500ms`, `2m`, or of a number of seconds; more than zero, at most a day. Throws `UsageError`. */
export function parseDuration(option: string, text: string): number {
  const [, amount, unit = "s"] = DURATION.exec(text) ?? [];
  const ms = Number(amount) * (UNIT_MS[unit] ?? Number.NaN);
  if (ms > 0 && ms <= MAX_MS) return ms;
  throw new UsageError(`${option}: expected a duration such as 15s, got ${JSON.stringify(text)}`);
}
