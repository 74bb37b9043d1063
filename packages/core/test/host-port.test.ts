import * as fc from "fast-check";
import { expect, test } from "vitest";
import { bracketHost, hostPort, isPort, parseHostPort, parsePort } from "../src/host-port.ts";

test.each([
  ["srv1", "srv1:9100"],
  ["srv1.example.com", "srv1.example.com:9100"],
  ["192.168.1.1", "192.168.1.1:9100"],
  ["srv_1-a", "srv_1-a:9100"],
  ["ёлка", "ёлка:9100"],
  ["srv1:1234", "srv1:1234"],
  ["srv1:01234", "srv1:1234"],
  ["2a03::1", "[2a03::1]:9100"],
  ["::", "[::]:9100"],
  ["::ffff:1.2.3.4", "[::ffff:1.2.3.4]:9100"],
  ["[2a03::1]", "[2a03::1]:9100"],
  ["[2a03::1]:1234", "[2a03::1]:1234"],
  ["2a03::1:9101", "[2a03::1:9101]:9100"],
])("target of %j is %j", (host, target) => {
  expect(hostPort(host, 9100)).toBe(target);
});

test("without a port there is none, and brackets stay", () => {
  expect(hostPort("srv1", undefined)).toBe("srv1");
  expect(hostPort("2a03::1", undefined)).toBe("[2a03::1]");
  expect(hostPort("srv1:1234", undefined)).toBe("srv1:1234");
});

test.each([
  "",
  " ",
  "a b",
  "a\u0000",
  "a/b",
  "http://a",
  "a?b",
  "user@a",
  "a#b",
  "a%41",
  "a\\b",
  "a:",
  ":9100",
  "a:0",
  "a:70000",
  "a:abc",
  "a:1:2",
  "a:-1",
  "a:+1",
  "[",
  "[]",
  "[]:1",
  "[a]",
  "[a]:1",
  "[2a03::1]x",
  "[2a03::1]:",
  "[2a03::1]:x",
  "[2a03::1]:1:2",
  "2a03::1::2",
  "1:2:3:4",
  "fe80::1%eth0",
  "\ud800",
  "]",
])("%j can be no target", (host) => {
  expect(parseHostPort(host)).toBeUndefined();
  expect(hostPort(host, 9100)).toBeUndefined();
});

test("bracketHost brackets a bare IPv6 address only", () => {
  expect(bracketHost("2a03::1")).toBe("[2a03::1]");
  expect(bracketHost("[2a03::1]")).toBe("[2a03::1]");
  expect(bracketHost("1.2.3.4")).toBe("1.2.3.4");
});

test.each([
  ["1", 1],
  ["65535", 65_535],
  ["00080", 80],
  ["0", undefined],
  ["65536", undefined],
  ["000080", undefined],
  ["", undefined],
  ["-", undefined],
  ["-1", undefined],
  ["1.0", undefined],
  ["1e3", undefined],
  [" 80", undefined],
  ["80\n", undefined],
])("port %j is %s", (text, port) => {
  expect(parsePort(text)).toBe(port);
});

test("a port is an integer from 1 to 65535", () => {
  expect([0, 1, 65_535, 65_536, 1.5, Number.NaN].map(isPort)).toEqual([false, true, true, false, false, false]);
});

test("a target is a target already", () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV6(), fc.ipV4(), fc.domain()), fc.integer({ min: 1, max: 65_535 }), (host, port) => {
      const target = hostPort(host, port);
      expect(target).toMatch(new RegExp(`:${port}$`));
      expect(hostPort(target ?? "", 1)).toBe(target);
    }),
  );
});
