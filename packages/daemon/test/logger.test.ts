import { DiscoveryError } from "@org/discovery-core";
import { expect, test } from "vitest";
import { createLogger, type LoggerOptions } from "../src/logger.ts";

function logger(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const sink = { write: (line: string) => void lines.push(line) };
  const log = createLogger({ level: "info", format: "auto", isTerminal: false, secrets: [], ...options }, sink);
  return { log, lines };
}

test("one JSON object per event, with its time and level", () => {
  const { log, lines } = logger();
  log.warn({ host: "a\nb" }, "gone");
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^\{.*\}\n$/);
  const { time, ...record } = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
  expect(record).toEqual({ level: "warn", host: "a\nb", msg: "gone" });
  expect(time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
});

test("lines below the level are left out", () => {
  const { log, lines } = logger({ level: "warn" });
  log.debug({}, "a");
  log.info({}, "b");
  log.error({}, "c");
  expect(lines).toHaveLength(1);
});

test("a secret comes out nowhere: not in the message, a field, an error, or escaped", () => {
  for (const format of ["json", "pretty"] as const) {
    const { log, lines } = logger({ format, secrets: ['hun"ter2', "s3cr/t", ""] });
    const error = new Error('AUTH hun"ter2 refused', { cause: new Error("redis://u:s3cr%2Ft@h") });
    log.error({ err: Object.assign(error, { command: ["AUTH", 'hun"ter2'] }), url: "redis://u:s3cr/t@h" }, 'hun"ter2');
    log.info({ token: "what a client sent", headers: { authorization: "Token x y z" } }, "request");
    const text = lines.join("");
    expect(text).not.toMatch(/ter2|s3cr|client sent|x y z/);
    expect(text).toContain("****");
    expect(text).toContain("refused");
  }
});

test("errors: ours by code and message, others with their stack, causes with both", () => {
  const { log, lines } = logger();
  log.error({ err: new DiscoveryError("unavailable", "no link", { cause: new TypeError("x") }) }, "failed");
  const { err } = JSON.parse(lines[0] ?? "") as { err: Record<string, unknown> };
  expect(err).toMatchObject({
    type: "DiscoveryError",
    code: "unavailable",
    message: "no link",
    cause: { type: "TypeError" },
  });
  expect(err["stack"]).toBeUndefined();
  expect((err["cause"] as Record<string, unknown>)["stack"]).toContain("logger.test.ts");
});

test("a cause that goes in circles ends", () => {
  const { log, lines } = logger();
  const error = new Error("a");
  error.cause = error;
  log.error({ err: error }, "round");
  expect(lines).toHaveLength(1);
});

test("pretty on a terminal, when asked for it or left to choose", () => {
  for (const [options, isPretty] of [
    [{ format: "auto", isTerminal: true }, true],
    [{ format: "pretty", isTerminal: false }, true],
    [{ format: "json", isTerminal: true }, false],
  ] as const) {
    const { log, lines } = logger(options);
    log.info({}, "hello");
    expect(lines[0]?.startsWith("{")).toBe(!isPretty);
  }
});
