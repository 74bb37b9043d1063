import { expect, test } from "vitest";
import { driverOptions } from "../../src/config/driver-options.ts";
import { natsOptions } from "../../src/config/nats-options.ts";
import { redisOptions } from "../../src/config/redis-options.ts";
import { webhookOptions } from "../../src/config/webhook-options.ts";
import { maskText, secretsIn } from "../../src/config/secret.ts";

test("a URL is shown without its user part", () => {
  const { url } = redisOptions;
  expect(maskText(url, "redis://user:p%40ss@host:1/2")).toBe("redis://****@host:1/2");
  expect(maskText(url, "redis://user:p@ss@host")).toBe("redis://****@host");
  expect(maskText(url, "redis://host:1/2")).toBe("redis://host:1/2");
  expect(maskText(url, "rediss://host?password=x")).toBe("rediss://host?****");
  expect(maskText(natsOptions.servers, "nats://t0ken@a,u:p@b:1,c")).toBe("nats://****@a,****@b:1,c");
});

test("a webhook's URL is shown by its origin alone", () => {
  const { urls } = webhookOptions;
  expect(maskText(urls, "https://u:p@a:1/hooks/123?x=1#y,http://b,http://c/")).toBe(
    "https://****@a:1/****,http://b,http://c/",
  );
  expect(maskText(urls, "https://a?token=x")).toBe("https://a/****");
});

test("of a driver's further options names, numbers and switches are shown, and no text", () => {
  const { options } = driverOptions;
  const text = '{"redis":{"password":"hunter2","db":1,"nodes":["hunter2"]},"./x.js":{"dsn":"hunter2","tls":true}}';
  expect(maskText(options, text)).toBe(
    '{"redis":{"password":"****","db":1,"nodes":["****"]},"./x.js":{"dsn":"****","tls":true}}',
  );
  expect(maskText(options, "{hunter2")).toBe("****");
  expect(secretsIn(options, '{"x":{"apiKey":"a","channel":"b","password":"c"}}')).toEqual(["a", "c"]);
  expect(secretsIn(options, "{hunter2")).toEqual([]);
});

test("a whole secret is a mask, whatever it is", () => {
  expect(maskText(redisOptions.password, "x")).toBe("****");
});

test("the logger is told of passwords in both spellings, and of tokens", () => {
  expect(secretsIn(redisOptions.url, "redis://user:p%40ss@host")).toEqual(["p%40ss", "p@ss"]);
  expect(secretsIn(redisOptions.url, "redis://:%zz@host")).toEqual(["%zz"]);
  expect(secretsIn(natsOptions.servers, "nats://t0ken@a,u:p@b:1,c")).toEqual(["t0ken", "p"]);
  expect(secretsIn(redisOptions.host, "host")).toEqual([]);
  expect(secretsIn(webhookOptions.urls, "https://u:p@a/b")).toEqual(["p"]);
  expect(secretsIn(webhookOptions.keys, "first, second")).toEqual(["first", "second"]);
});
