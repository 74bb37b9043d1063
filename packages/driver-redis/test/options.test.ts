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
  [{ sentinels: ["a:1"], sentinelName: "m", cluster: ["b:1"] }, "sentinels and cluster exclude each other"],
  [{ sentinels: ["a:1"] }, "sentinels: sentinelName is missing"],
  [{ cluster: ["a:1"], db: 1 }, "db: a cluster has only database 0"],
  [{ cluster: ["a:1"], url: "redis://h/2" }, "db: a cluster has only database 0"],
  [{ tlsCert: "/cert.pem" }, "tlsCert and tlsKey belong together"],
  [{ waitReplicas: 1, waitTimeoutMs: 2000 }, "waitTimeoutMs: expected less than linkTimeoutMs"],
  [{ prefix: "a{b}" }, "expected 1 to 200 characters without braces, white space and control characters"],
])("%j cannot work", (options, message) => {
  expect(v.safeParse(redisOptions, options).issues?.[0].message).toBe(message);
});

test("the database that a URL names is the one behind sentinels too", async () => {
  const options = v.parse(redisOptions, { url: "redis://h/3", sentinels: ["a:1"], sentinelName: "m" });
  const { subscriber, commands } = await createConnector(options).open(0, new AbortController().signal);
  expect([subscriber.options.db, commands.options.db]).toEqual([3, 3]);
});

test("a certificate file that is not there is told at once, by option and name", () => {
  expect(() => connectTo({ tlsCa: "/nowhere/ca.pem" })).toThrow(
    /tlsCa: expected a PEM file, got \/nowhere\/ca.pem: ENOENT/,
  );
});
