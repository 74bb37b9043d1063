const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const PLAIN_SECONDS = /^\d+(?:\.\d+)?$/;
const GO_DURATION = /^(?:(?:\d+(?:\.\d+)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
const GO_PART = /(\d+(?:\.\d+)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;

/**
 * Milliseconds of a duration: a number of seconds, as lobby writes them, with a fraction where wanted (`0.5`), or in the
 * syntax of Go's `time.ParseDuration` (`500ms`, `1m30s`). `undefined` for anything else, signs included.
 */
export function parseDuration(given: string): number | undefined {
  const text = given.trim();
  let ms: number;
  if (PLAIN_SECONDS.test(text)) ms = Number(text) * 1000;
  else if (GO_DURATION.test(text)) ms = goDuration(text);
  else return undefined;
  return ms <= Number.MAX_SAFE_INTEGER ? ms : undefined;
}

function goDuration(text: string): number {
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(GO_PART)) ms += Number(amount) * (UNIT_MS[unit ?? ""] ?? Number.NaN);
  return ms;
}
