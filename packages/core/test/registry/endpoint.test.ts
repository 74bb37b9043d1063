import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isDiscoveryError } from "../../src/error.ts";
import { parseEndpoint } from "../../src/registry/endpoint.ts";

describe("an endpoint is taken apart", () => {
  test.each([
    ["http://example.com/metrics", "http", "example.com", "/metrics"],
    ["http://example.com", "http", "example.com", ""],
    ["HTTPS://Example.com:443/", "https", "Example.com:443", "/"],
    ["http://a:80/metrics/", "http", "a:80", "/metrics/"],
    ["http://a:/", "http", "a", "/"],
    ["http://10.0.0.1:9100", "http", "10.0.0.1:9100", ""],
    ["http://[2A03:0::1]:9100/m", "http", "[2a03::1]:9100", "/m"],
    ["http://[::1]", "http", "[::1]", ""],
    ["http://bücher.example:1/", "http", "xn--bcher-kva.example:1", "/"],
    ["http://node_1.local/a%20b%C3%A9", "http", "node_1.local", "/a bé"],
    ["tcp://db:5432", "tcp", "db:5432", ""],
    ["http://a/metrics#part", "http", "a", "/metrics"],
    ["http://a?x=1", "http", "a", ""],
  ])("%s", (url, scheme, host, path) => {
    expect(parseEndpoint(url)).toMatchObject({ url, scheme, host, path });
  });

  test("of each query parameter the first value", () => {
    const { params } = parseEndpoint("http://a/probe?target=x%20y&module=http+2xx&target=z&flag&__proto__=p");
    expect([...params]).toEqual([
      ["target", "x y"],
      ["module", "http 2xx"],
      ["flag", ""],
      ["__proto__", "p"],
    ]);
  });
});

describe("what is no endpoint is an invalid_argument that says why", () => {
  test.each([
    ["", 'endpoint "": expected an absolute URL such as http://host:9100/metrics'],
    ["example.com/metrics", "expected an absolute URL"],
    ["/metrics", "expected an absolute URL"],
    ["http:/a/b", "expected an absolute URL"],
    ["mailto:a@b", "expected an absolute URL"],
    ["http://", 'expected a host after "http://"'],
    ["http:///metrics", 'expected a host after "http://"'],
    ["http://:9100/", 'expected a host after "http://"'],
    ["http://a:99999/", "a port of 1 to 65535"],
    ["http://a:0/", "a port of 1 to 65535"],
    ["http://a:x/", 'got host "a:x"'],
    ["http://::1/", 'got host "::1"'],
    ["http://[::1/", 'got host "[::1"'],
    ["http://[zz]/", 'got host "[zz]"'],
    ["http://a*b/", 'got host "a*b"'],
    ["http://a%41/", 'got host "a%41"'],
    ["http://a\nb/", "found U+000A"],
    ["http://a/\u0000", "found U+0000"],
    ["http://a/b c", "found U+0020"],
    ["http://a\\b/", "found U+005C"],
    ["http://a/\ud800", "expected valid Unicode"],
    ["http://a/%zz", 'got path "/%zz"'],
    ["http://a/%ff", 'got path "/%ff"'],
  ])("%j", (url, message) => {
    expect(() => parseEndpoint(url)).toThrow(expect.objectContaining({ code: "invalid_argument" }));
    expect(() => parseEndpoint(url)).toThrow(message);
  });

  test("credentials are refused and not shown", () => {
    for (const url of ["http://user:secret@a/", "http://secret@a/", "http://a@secret@b/"]) {
      expect(() => parseEndpoint(url)).toThrow('endpoint "http://***@');
      expect(() => parseEndpoint(url)).not.toThrow("secret");
    }
  });

  test.each([2049, 10_240, 10_000_000])("%i bytes", (length) => {
    const url = `http://a/${"x".repeat(length - "http://a/".length)}`;
    expect(() => parseEndpoint(url)).toThrow("expected at most 2048 bytes");
    expect(() => parseEndpoint(`http://a/${"ü".repeat(1020)}`)).toThrow("expected at most 2048 bytes");
    expect(parseEndpoint(url.slice(0, 2048)).host).toBe("a");
  });
});

test("any text is either an endpoint or an invalid_argument of one line", () => {
  const piece = fc.constantFrom(
    "http",
    ":",
    "//",
    "/",
    "@",
    "[",
    "]",
    "::1",
    "a.b",
    "ü",
    "%41",
    "?",
    "#",
    "=",
    "\n",
    "9",
    " ",
  );
  const text = fc.oneof(
    fc.webUrl(),
    fc.string({ unit: "binary" }),
    fc.array(piece).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, (url) => {
      try {
        const { host, scheme } = parseEndpoint(url);
        expect(host).toMatch(/^[^\s/?#@]+$/u);
        expect(URL.canParse(`http://${host}/`)).toBe(true);
        expect(scheme).toBe(scheme.toLowerCase());
      } catch (error) {
        if (!isDiscoveryError(error, "invalid_argument")) throw error;
        expect(error.message).not.toMatch(/\p{Cc}/u);
      }
    }),
    { numRuns: 2_000 },
  );
});
