import * as v from "valibot";
import { expect, test } from "vitest";
import { redisOptions } from "../src/index.ts";
import { createConnector } from "../src/connection.ts";
import { connectTo } from "./connect.ts";

test("nothing given is a local Redis", () => {
  expect(v.parse(redisOptions, {})).toMatchObject({
    host: "127.0.0.1",
    port: 6379,
    db: 0,
    prefix: "discovery",
    tls: false,
  });
});

test("every option has a description", () => {
  for (const [name, option] of Object.entries(redisOptions.pipe[0].entries)) {
    const inner: v.GenericSchema = "wrapped" in option ? option.wrapped : option;
    expect(v.getDescription(inner), name).toMatch(/\.$/);
  }
});

test.each([
  [{ sentinels: ["a:1"], sentinelName: "m", cluster: ["b:1"] }, "sentinels: expected nothing, because of `cluster`"],
  [{ sentinels: ["a:1"] }, "sentinelName: expected the name of a primary, because of `sentinels`"],
  [{ cluster: ["a:1"], db: 1 }, "db: expected 0, because of `cluster`"],
  [{ cluster: ["a:1"], url: "redis://h/2" }, "db: expected 0, because of `cluster`"],
  [{ tlsCert: "/cert.pem" }, "tlsKey: expected the key of `tlsCert`"],
  [{ tlsKey: "/key.pem" }, "tlsCert: expected the certificate of `tlsKey`"],
  [{ waitReplicas: 1, waitTimeoutMs: 2000 }, "waitTimeoutMs: expected less than `linkTimeoutMs`"],
  [{ prefix: "a{b}" }, "expected 1 to 200 characters without braces, white space and control characters"],
])("%j cannot work", (options, message) => {
  expect(v.safeParse(redisOptions, options).issues?.[0].message).toBe(message);
});

test("the database that a URL names is the one behind sentinels too", async () => {
  const options = v.parse(redisOptions, { url: "redis://h/3", sentinels: ["a:1"], sentinelName: "m" });
  const { subscriber, commands } = await createConnector(options).open(0, new AbortController().signal);
  expect([subscriber.options.db, commands.options.db]).toEqual([3, 3]);
});

test("an option that there is not is refused, for it may be one misspelt", () => {
  expect(v.safeParse(redisOptions, { histryLimit: 5 }).issues?.map((issue) => v.getDotPath(issue))).toEqual([
    "histryLimit",
  ]);
});

test("certificate files that are not there are told at once and all, each on a line by option and name", () => {
  const missing = { tlsCa: "/nowhere/ca.pem", tlsCert: "/nowhere/cert.pem", tlsKey: "/nowhere/key.pem" };
  const told = (option: string, file: string): string =>
    `${option}: expected a PEM file, got "/nowhere/${file}": ENOENT: no such file or directory`;
  expect(() => connectTo({ ...missing })).toThrow(
    expect.objectContaining({
      code: "invalid_argument",
      message: [told("tlsCa", "ca.pem"), told("tlsCert", "cert.pem"), told("tlsKey", "key.pem")].join("\n"),
    }),
  );
});
