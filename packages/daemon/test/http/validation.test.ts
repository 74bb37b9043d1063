import { beforeEach, describe, expect, it } from "vitest";
import { registryApp, type RegistryApp } from "./registry-app.ts";

const GOOD = { name: "web", endpoint: "http://example.com/" };
const ID = "93c156b1-f218-5d79-88a5-219307e59d29";

let app: RegistryApp;

beforeEach(async () => {
  app = await registryApp();
  await app.send("POST", "/v1/servers", { name: "s", labels: { a: "b" } });
});

async function refused(path: string, body: unknown, method = "POST"): Promise<string> {
  await app.registry.service.audit?.settled();
  const before = app.registry.service.replica.revision;
  const { status, text } = await app.send(method, path, body);
  expect([status, text]).toEqual([400, expect.anything()]);
  await app.registry.service.audit?.settled();
  expect(app.registry.service.replica.revision).toBe(before);
  return text;
}

describe("names", () => {
  it.each(["", " ", "a b", "a/b", "a.b", "é", "a\n", "..", "a\u0000", "🐍", "x".repeat(256)])("%j", async (name) => {
    expect(await refused("/v1/services", { ...GOOD, name })).toContain("service name");
    expect(await refused("/v1/namespaces", { name })).toContain("namespace");
    if (name === "") return;
    expect(await refused("/v1/services", { ...GOOD, namespace: name })).toContain("namespace");
    if (!name.includes("/") && name !== "..") {
      const path = encodeURIComponent(name);
      expect(await refused(`/v1/namespaces/${path}`, undefined, "DELETE")).toMatch(/^path name: expected 1 to 255/);
      expect(await refused(`/v1/services/${path}?id=${ID}`, undefined, "DELETE")).toMatch(/^path namespace: /);
      expect(await refused(`/v1/services?namespace=${path}`, undefined, "GET")).toMatch(/^query parameter namespace: /);
    }
  });

  it.each(["", " ", "a/b", "a\\b", ".", "..", "a\nb", "x".repeat(256), "é".repeat(128)])(
    "of a server: %j",
    async (name) => {
      expect(await refused("/v1/servers", { name })).toContain("server name");
    },
  );
});

describe("labels", () => {
  it.each([
    [{ "1a": "x" }, 'label name "1a"'],
    [{ "a-b": "x" }, 'label name "a-b"'],
    [{ "": "x" }, 'label name ""'],
    [{ é: "x" }, 'label name "é"'],
    [{ a: "" }, "value of label a"],
    [{ a: "x\ny" }, "value of label a"],
    [{ a: "x".repeat(1025) }, "value of label a"],
    [{ a: 5 }, "request body labels.a: expected text, got 5"],
    [{ a: null }, "request body labels.a: expected text, got null"],
    [{ a: { b: "c" } }, "request body labels.a: expected text, got an object"],
    [["a"], "request body labels: expected an object of label names and values, got an array"],
    ["a=b", 'request body labels: expected an object of label names and values, got "a=b"'],
    [Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`l${index}`, "x"])), "at most 100"],
  ])("%j", async (labels, why) => {
    expect(await refused("/v1/services", { ...GOOD, labels })).toContain(why);
    expect(await refused("/v1/servers", { name: "t", labels })).toContain(why);
  });
});

describe("endpoints", () => {
  it.each([
    ["example.com/metrics", "an absolute URL"],
    ["/metrics", "an absolute URL"],
    ["", "an absolute URL"],
    ["http:///metrics", "a host"],
    ["http://user:hunter2@example.com/", "no credentials"],
    ["http://user@example.com/", "no credentials"],
    ["http://example.com/\nX-Header: 1", "U+000A"],
    ["http://example.com/a b", "U+0020"],
    [`http://example.com/${"x".repeat(10_240)}`, "at most 2048 bytes"],
    ["http://[::1", "host"],
    ["http://::1/", "host"],
    ["http://[fe80::1%25eth0]/", "host"],
    ["http://example.com:0/", "host"],
    ["http://example.com:65536/", "host"],
    ["http://a\ud800/", "Unicode"],
    ["http://example.com/%ff", "percent-encoded"],
    [5, "expected text, got 5"],
  ])("%j", async (endpoint, why) => {
    const text = await refused("/v1/services", { ...GOOD, endpoint });
    expect(text).toContain(why);
    expect(text).toMatch(/endpoint/);
    expect(text).not.toContain("hunter2");
    expect(text.length).toBeLessThan(600);
  });

  it("that are IPv6 or international are taken as they are given", async () => {
    const under = await registryApp();
    await under.send("POST", "/v1/servers", { name: "s" });
    const endpoints = ["http://[2001:db8::1]:9100/metrics", "http://bücher.example/metrics", "https://例え.テスト/"];
    for (const endpoint of endpoints) {
      const { status, text } = await under.send("POST", "/v1/services", { name: "a", endpoint });
      expect([status, JSON.parse(text)]).toMatchObject([200, { service: { endpoint } }]);
    }
  });
});

describe("selectors", () => {
  it.each(["a in (b", "a = = b", "!", "a,,b", "a notin b", "a >", "a b", "(", "a in ()x", "x".repeat(8193)])(
    "%j",
    async (selector) => {
      expect(await refused("/v1/services", { ...GOOD, selector })).toMatch(/^selector "/);
      const query = `selector=${encodeURIComponent(selector)}`;
      for (const path of ["/v1/services", "/v1/servers", "/v1/discoveries"]) {
        expect(await refused(`${path}?${query}`, undefined, "GET")).toMatch(/^selector "/);
      }
    },
  );

  it("that match no server are not found, and nothing is stored", async () => {
    await app.registry.service.audit?.settled();
    const before = app.registry.service.replica.revision;
    const { status, text } = await app.send("POST", "/v1/services", { ...GOOD, selector: "a=c" });
    expect([status, text]).toEqual([404, 'selector "a=c": no registered server matches it']);
    expect(app.registry.service.replica.revision).toBe(before);
  });
});

it("every parameter that is a regular expression", async () => {
  for (const path of [
    "/v1/services?name",
    "/v1/services?server",
    "/v1/services?endpoint",
    "/v1/servers?name",
    "/v1/namespaces?name",
  ]) {
    const text = await refused(`${path}=${encodeURIComponent("a(b")}`, undefined, "GET");
    expect(text).toMatch(
      /^query parameter (name|server|endpoint) "a\(b": expected a regular expression of RE2: .*missing closing \)/,
    );
  }
});

describe("other parameters", () => {
  it.each([
    ["/v1/services?sort=size", 'query parameter sort: expected endpoint, date or name, got "size"'],
    ["/v1/services?unserved=maybe", 'query parameter unserved: expected true or false, got "maybe"'],
    ["/v1/services?name=a&name=b", "query parameter name: expected text, got an array"],
    ["/v1/services?wait=soon", 'query parameter wait: expected a duration such as 30s, got "soon"'],
    ["/v1/services?wait=-1", 'query parameter wait: expected a duration such as 30s, got "-1"'],
    [
      "/v1/services/default/nonsense",
      'path id: expected an id (UUID in lower case) or an endpoint URL, got "nonsense"',
    ],
    [`/v1/services/default/${ID.toUpperCase()}`, "path id: expected an id"],
  ])("%s", async (path, why) => {
    expect(await refused(path, undefined, "GET")).toContain(why);
  });

  it("of a removal", async () => {
    expect(await refused("/v1/services/default", undefined, "DELETE")).toBe("query parameter id: missing");
    expect(await refused(`/v1/services/default?id=${ID}&reason=${"x".repeat(1025)}`, undefined, "DELETE")).toContain(
      "reason",
    );
    expect(await refused(`/v1/services/default?id=${ID}&reason=a%07b`, undefined, "DELETE")).toContain("reason");
  });
});

describe("bodies", () => {
  it.each([
    ["{", "request body: expected JSON: "],
    ["null", "request body: expected an object, got null"],
    ["[]", "request body: expected an object, got an array"],
    ['"x"', 'request body: expected an object, got "x"'],
    ["", "request body name: missing\nrequest body endpoint: missing"],
    [
      '{"name":5,"endpoint":true}',
      "request body name: expected text, got 5\nrequest body endpoint: expected text, got true",
    ],
    ['{"name":"a","endpoint":"http://a/","lables":{}}', "request body lables: there is no such member"],
    ["[".repeat(100_000), "request body: expected JSON: "],
    ['{"name":"a","endpoint":"http://a/","ttl":"soon"}', "request body ttl: expected seconds or a Go duration"],
    [
      '{"name":"a","endpoint":"http://a/","ttl":[]}',
      "request body ttl: expected seconds or a Go duration, got an array",
    ],
    ['{"name":"a","endpoint":"http://a/","ttl":0.5}', "ttl 0.5: expected whole seconds"],
    ['{"name":"a","endpoint":"http://a/","ttl":-1}', "ttl -1: expected whole seconds"],
    ['{"name":"a","endpoint":"http://a/","ttl":1e999}', "ttl"],
    ['{"name":"a","endpoint":"http://a/","reason":"\\u0007"}', "reason"],
    [`{"name":"a","endpoint":"http://a/","description":"${"x".repeat(4097)}"}`, "description"],
  ])("%s", async (body, why) => {
    expect(await refused("/v1/services", body)).toContain(why);
  });

  it.each([3, -1, 1.5, "3", "standrad", [], {}, true])("an export config %j", async (value) => {
    expect(await refused("/v1/namespaces", { name: "n", export: value })).toMatch(/^request body export: /);
  });

  it.each([0, -1, 1001, 0.0001, "2", {}])("a weight %j", async (weight) => {
    expect(await refused("/v1/servers", { name: "t", weight })).toMatch(/weight/);
  });

  it("that are no UTF-8, or too long", async () => {
    const bytes = new Uint8Array([0x7b, 0xff, 0x7d]);
    const response = await app.app.request("/v1/servers", { method: "POST", body: bytes });
    expect([response.status, await response.text()]).toEqual([400, "request body: expected UTF-8"]);
    expect((await app.send("POST", "/v1/servers", `{"name":"${"x".repeat(1024 * 1024)}"}`)).status).toBe(413);
  });
});
