import fc from "fast-check";
import * as v from "valibot";
import { expect, test } from "vitest";
import { parseRedisUrl, redisUrl } from "../src/redis-url.ts";

test("every part is read as it was written, with credentials of any characters", () => {
  const parts = fc.record({
    host: fc.domain(),
    port: fc.integer({ min: 1, max: 65_535 }),
    username: fc.string({ minLength: 1, unit: "grapheme" }),
    password: fc.string({ minLength: 1, unit: "grapheme" }),
    db: fc.nat(100),
  });
  fc.assert(
    fc.property(parts, ({ host, port, username, password, db }) => {
      const credentials = `${encodeURIComponent(username)}:${encodeURIComponent(password)}`;
      const url = parseRedisUrl(`rediss://${credentials}@${host}:${port}/${db}`);
      expect(url).toEqual({ tls: true, host, port, username, password, db });
    }),
  );
});

test("what is left out is absent", () => {
  expect(parseRedisUrl("redis://10.0.0.1")).toEqual({ tls: false, host: "10.0.0.1" });
  expect(parseRedisUrl("redis://:secret@[::1]:7000/")).toEqual({
    tls: false,
    host: "::1",
    port: 7000,
    password: "secret",
  });
});

test.each([
  "",
  "localhost:6379",
  "http://host",
  "redis://",
  "redis://host/x",
  "redis://host/1/2",
  "redis://host?a=b",
  "redis://host:0",
])("%j is no Redis URL", (text) => expect(parseRedisUrl(text)).toBeUndefined());

test("a bad URL is refused without repeating the password in it", () => {
  const { issues } = v.safeParse(redisUrl, "redis://user:geheim@host/x");
  expect(issues?.[0].message).toContain("expected redis://");
  expect(issues?.[0].message).not.toContain("geheim");
});
