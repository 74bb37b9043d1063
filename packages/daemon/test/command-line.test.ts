import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseCommandLine } from "../src/command-line.ts";
import { formatMistake } from "../src/config/given.ts";

function texts(...argv: string[]): Record<string, unknown> {
  const { given, mistakes } = parseCommandLine(argv);
  expect(mistakes.map(formatMistake)).toEqual([]);
  return Object.fromEntries([...given].map(([flag, { text }]) => [flag, text]));
}

function mistakes(...argv: string[]): readonly string[] {
  return parseCommandLine(argv).mistakes.map(formatMistake);
}

describe("values", () => {
  test("stand after a space or an equals sign, and stay as they were typed", () => {
    expect(texts("--redis-password", "0123", "--labels=007", "--token", "-x", "--hostname=", "--callback=a=b")).toEqual(
      {
        "redis-password": "0123",
        labels: "007",
        token: "-x",
        hostname: "",
        callback: "a=b",
      },
    );
  });

  test("any text comes through unchanged after an equals sign", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(texts(`--token=${text}`)).toEqual({ token: text });
      }),
    );
  });

  test("given again, the last counts; a list grows", () => {
    expect(texts("--ttl", "1", "--ttl=2", "--labels", "a,b", "--labels=c")).toEqual({ ttl: "2", labels: "a,b,c" });
  });

  test("may not be missing", () => {
    expect(mistakes("--ttl")).toEqual(["--ttl: expected SECONDS, got nothing (from flag)"]);
    expect(mistakes("--ttl", "--listen")).toEqual(["--ttl: expected SECONDS, got the flag --listen (from flag)"]);
    expect(mistakes("--token", "--no-listen=hunter2")).toEqual([
      "--token: expected TOKEN, got the flag --no-listen (from flag)",
    ]);
    expect(texts("--token=--listen")).toEqual({ token: "--listen" });
  });
});

describe("switches", () => {
  test("need no value, and take one in the same word", () => {
    expect(texts("--listen", "--no-register", "--disable-api=0")).toEqual({
      listen: "true",
      register: "false",
      "disable-api": "0",
    });
    expect(texts("--listen", "--no-listen")).toEqual({ listen: "false" });
  });

  test("don't take the next word", () => {
    expect(mistakes("--register", "false")).toEqual([
      '"false": expected --register=false in one word, got a stray word (from command line)',
    ]);
    expect(texts("--listen", "server")).toEqual({ listen: "true" });
  });

  test("are the only ones with a negative", () => {
    expect(mistakes("--no-ttl", "--no-help", "--no-listen=1")).toEqual([
      "--no-ttl: expected a flag that exists, got an unknown flag (from flag)",
      "--no-help: expected a flag that exists, got an unknown flag (from flag)",
      '--no-listen: expected no value, got "1" (from flag)',
    ]);
  });
});

describe("what is not known", () => {
  test("is a mistake each, with a guess, and without the value", () => {
    expect(mistakes("--htp-listen", "x", "--httpListen=y", "-abc", "z", "--")).toEqual([
      "--htp-listen: expected a flag that exists (did you mean --http-listen?), got an unknown flag (from flag)",
      "--httpListen: expected a flag that exists (did you mean --http-listen?), got an unknown flag (from flag)",
      "-abc: expected a flag that exists, got an unknown flag (from flag)",
    ]);
    expect(mistakes("--__proto__=1", "--constructor", "---ttl=1")).toHaveLength(3);
  });

  test("a stray word is one, too", () => {
    expect(mistakes("sever", "--", "--listen")).toEqual([
      '"sever": expected a flag or one of the commands server, exporter (did you mean server?), got a stray word (from command line)',
      '"--listen": expected a flag or one of the commands server, exporter, got a stray word (from command line)',
    ]);
    expect(mistakes("server", "server")).toHaveLength(1);
  });
});

test.each([
  [[], "server"],
  [["server"], "server"],
  [["exporter"], "exporter"],
  [["--server", "exporter"], "server"],
  [["--directory", "x", "exporter", "--from", "server"], "exporter"],
])("%j is about the %s", (argv, command) => {
  expect(parseCommandLine(argv)).toMatchObject({ command, mistakes: [] });
});

test.each([
  [[], "run"],
  [["server"], "run"],
  [["--show-config"], "show-config"],
  [["--show-config", "-v"], "version"],
  [["-v", "server", "--help", "--nonsense"], "help"],
  [["-h"], "help"],
  [["--ttl", "-h"], "run"],
])("%j is to %s", (argv, action) => {
  expect(parseCommandLine(argv).action).toBe(action);
});
