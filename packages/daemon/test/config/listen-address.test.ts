import fc from "fast-check";
import { expect, test } from "vitest";
import { formatListenAddress, isLoopback, parseHost, parseListenAddress } from "../../src/config/listen-address.ts";

test.each([
  ["127.0.0.1:1313", { host: "127.0.0.1", port: 1313 }],
  ["localhost:0", { host: "localhost", port: 0 }],
  [":1313", { host: "", port: 1313 }],
  ["[::1]:80", { host: "::1", port: 80 }],
  [" [2a03::1]:65535 ", { host: "2a03::1", port: 65_535 }],
])("%s", (text, address) => {
  expect(parseListenAddress(text)).toEqual(address);
});

test.each([
  "",
  "1313",
  "localhost",
  "::1:80",
  "2a03::1:1313",
  "[]:1",
  "[::1]",
  "[host]:1",
  "a b:1",
  "h:65536",
  "h:-1",
  "h:1x",
  "h:1:2",
  "http://h:1",
])("%j is no address to listen on", (text) => {
  expect(parseListenAddress(text)).toBeUndefined();
});

test("what is formatted is parsed to the same", () => {
  const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain());
  fc.assert(
    fc.property(host, fc.nat(65_535), (name, port) => {
      expect(parseListenAddress(formatListenAddress({ host: name, port }))).toEqual({ host: name, port });
    }),
  );
});

test("a host alone has no port, and may be in brackets", () => {
  expect(parseHost("[::1]")).toBe("::1");
  expect(parseHost("::1")).toBe("::1");
  expect(parseHost("host:1")).toBeUndefined();
});

test.each(["127.0.0.1", "127.8.8.8", "::1", "0:0:0:0:0:0:0:1", "localhost", "LOCALHOST"])("%s is loopback", (host) => {
  expect(isLoopback(host)).toBe(true);
});

test.each(["", "0.0.0.0", "::", "10.0.0.1", "128.0.0.1", "localhost.example.com", "2a03::1"])("%j is not", (host) => {
  expect(isLoopback(host)).toBe(false);
});
