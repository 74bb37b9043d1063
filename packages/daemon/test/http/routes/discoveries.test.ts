import { beforeEach, describe, expect, it } from "vitest";
import { appUnderTest, host, type AppUnderTest } from "../app-under-test.ts";

let app: AppUnderTest["app"];
let presence: AppUnderTest["presence"];

beforeEach(async () => {
  ({ app, presence } = await appUnderTest({ environment: ["location:prague"] }));
  presence.known = [
    host("a.example.com", "location:prague", "service:imap", "service:smtp"),
    host("b.example.com", "location:brno", "service:smtp"),
    host("c.example.com"),
  ];
});

async function json(path: string): Promise<unknown> {
  const response = await app.request(path);
  expect(response.status).toBe(200);
  expect(response.headers.get("Content-Type")).toBe("application/json");
  return response.json();
}

async function labelsByHost(query: string): Promise<unknown> {
  const list = (await json(`/v1/discoveries${query}`)) as { hostname: string; labels: string[] }[];
  return Object.fromEntries(list.map(({ hostname, labels }) => [hostname.charAt(0), labels.join(" ")]));
}

describe.each(["/", "/v1/discoveries"])("GET %s", (path) => {
  it("lists every host in lobby's shape", async () => {
    presence.known = [{ hostname: "a", labels: ["x"], lastSeen: 1_700_000_000.9 }];
    expect(await json(path)).toEqual([{ hostname: "a", labels: ["x"], last_check: 1_700_000_000 }]);
  });

  it("is [] where there is none", async () => {
    presence.known = [];
    expect(await (await app.request(path)).text()).toBe("[]");
  });

  it("answers HEAD without a body", async () => {
    const response = await app.request(path, { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toBe("application/json");
    expect(await response.text()).toBe("");
  });
});

describe("filters", () => {
  const all = { a: "location:prague service:imap service:smtp", b: "location:brno service:smtp", c: "" };

  it.each([
    ["?labels=service:smtp", { a: "service:smtp", b: "service:smtp" }],
    ["?labels=service:imap,location:brno", { a: "service:imap", b: "location:brno" }],
    ["?labels=service:imap&labels=location:brno", { a: "service:imap", b: "location:brno" }],
    ["?labels=service", {}],
    ["?prefixes=service:,location:b", { a: "service:imap service:smtp", b: "location:brno service:smtp" }],
    ["?labels=service:imap&prefixes=location:", { a: "service:imap" }],
    ["?labels=&prefixes=location:", { a: "location:prague", b: "location:brno" }],
    ["?labels=", all],
    ["?prefixes=", all],
    ["?prefixes=,", {}],
    ["?labels=,", {}],
    ["?unknown=1&__proto__=2", all],
    ["?selector=", all],
    ["?selector=service%3Dsmtp", { a: all.a, b: all.b }],
    ["?selector=service%20in%20(imap),location", { a: all.a }],
    ["?selector=service%3Dsmtp&selector=!x,location!%3Dprague", { b: all.b }],
    ["?selector=location%3Dbrno&prefixes=service:", { b: "service:smtp" }],
  ])("%s", async (query, expected) => {
    expect(await labelsByHost(query)).toEqual(expected);
  });

  it("points at the token of a selector that does not fit", async () => {
    const response = await app.request("/v1/discoveries?selector=a%20in%20b");
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(/selector "a in b": expected .* got "b" at position 6/);
  });
});

describe("GET /v1/resolve", () => {
  it("names the hosts with exactly that label", async () => {
    expect(await json("/v1/resolve?label=service:smtp")).toEqual(["a.example.com", "b.example.com"]);
    expect(await json("/v1/resolve?label=service")).toEqual([]);
  });

  it("of those that a selector matches", async () => {
    expect(await json("/v1/resolve?label=service:smtp&selector=location%3Dbrno")).toEqual(["b.example.com"]);
    expect((await app.request("/v1/resolve?label=x&selector=a%20in")).status).toBe(400);
  });

  it("is another list when a name comes or goes, and not when a label does", async () => {
    const path = "/v1/resolve?label=service:smtp";
    const etag = (await app.request(path)).headers.get("ETag") ?? "";
    const again = async (): Promise<number> => (await app.request(path, { headers: { "If-None-Match": etag } })).status;
    presence.known = presence.known.map((known) => ({ ...known, labels: [...known.labels, "new"] }));
    expect(await again()).toBe(304);
    presence.known = presence.known.slice(1);
    expect(await again()).toBe(200);
  });

  it.each(["", "?label=", "?label=%20"])("refuses %j", async (query) => {
    const response = await app.request(`/v1/resolve${query}`);
    expect([response.status, await response.text()]).toEqual([
      400,
      "query parameter label: expected one, as in /v1/resolve?label=service:smtp",
    ]);
  });
});

describe("GET /v1/discovery", () => {
  it("is the local packet, whether or not others are known", async () => {
    presence.whyNotReady = { code: "unavailable", reason: "still listening", retryAfterSeconds: 3 };
    expect(await json("/v1/discovery")).toEqual({
      hostname: "self.example.com",
      labels: ["location:prague"],
      last_check: 0,
    });
  });
});
