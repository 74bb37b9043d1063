import { beforeEach, describe, expect, it } from "vitest";
import { appUnderTest, host, type AppUnderTest } from "../app-under-test.ts";

let app: AppUnderTest["app"];
let presence: AppUnderTest["presence"];
let log: AppUnderTest["log"];

beforeEach(async () => {
  ({ app, presence, log } = await appUnderTest());
  presence.known = [
    host("a.example.com", "prometheus:node", "service:smtp"),
    host(
      "b.example.com",
      "prometheus:node:host:10.0.0.2",
      "prometheus:node:location:prague",
      "prometheus:node:port:9200",
    ),
    host("c.example.com", "service:smtp"),
  ];
});

async function groups(path: string): Promise<unknown> {
  const response = await app.request(path, { headers: { Accept: "application/json" } });
  expect(response.status).toBe(200);
  expect(response.headers.get("Content-Type")).toBe("application/json");
  return response.json();
}

describe("GET /v1/prometheus/:name", () => {
  it("lists what the labels say", async () => {
    expect(await groups("/v1/prometheus/node")).toEqual([
      { targets: ["10.0.0.2:9200"], labels: { location: "prague" } },
      { targets: ["a.example.com:9100"], labels: {} },
    ]);
  });

  it.each(["unknown", "no%20de", "%zz", "__proto__", "%F0%9F%90%8D"])("is [] for %s", async (name) => {
    expect(await groups(`/v1/prometheus/${name}`)).toEqual([]);
  });

  it("lists hosts by selector", async () => {
    expect(await groups("/v1/prometheus/node?selector=service%3Dsmtp")).toEqual([
      { targets: ["a.example.com:9100"], labels: {} },
    ]);
    expect(await groups("/v1/prometheus/node?selector=!service")).toHaveLength(1);
    expect(await groups("/v1/prometheus/node")).toHaveLength(2);
    expect((await app.request("/v1/prometheus/node?selector=a%20in")).status).toBe(400);
  });

  it("warns once about a label that can't be sent", async () => {
    presence.known = [host("a", "prometheus:node:in-valid:x")];
    expect(await groups("/v1/prometheus/node")).toEqual([{ targets: ["a:9100"], labels: {} }]);
    presence.known = [...presence.known];
    await groups("/v1/prometheus/node");
    expect(log.at("warn").map((line) => line.fields["label"])).toEqual(["prometheus:node:in-valid:x"]);
  });
});

describe("GET /v1/sd/hosts", () => {
  it("lists hosts by selector and port", async () => {
    const smtp = (target: string, name: string, rest = {}) => ({
      targets: [target],
      labels: { __meta_discovery_hostname: name, __meta_discovery_label_service: "smtp", ...rest },
    });
    expect(await groups("/v1/sd/hosts?selector=service%3Dsmtp,!prometheus&port=9100")).toEqual([
      smtp("c.example.com:9100", "c.example.com"),
    ]);
    expect(await groups("/v1/sd/hosts?selector=service%3Dsmtp,!prometheus&port=")).toEqual([
      smtp("c.example.com", "c.example.com"),
    ]);
    expect(await groups("/v1/sd/hosts")).toHaveLength(3);
  });

  it.each(["port=0", "port=65536", "port=-", "port=9100x", "selector=a%20in"])("refuses %s", async (query) => {
    const response = await app.request(`/v1/sd/hosts?${query}`);
    expect([response.status, await response.text()]).toEqual([
      400,
      expect.stringMatching(/^(query parameter port: expected 1 to|selector)/),
    ]);
  });
});

describe.each(["/v1/prometheus/node", "/v1/sd/hosts"])("the answer of %s", (path) => {
  it("has an ETag that stands for its bytes, and a 304 only for who has it", async () => {
    const first = await app.request(path);
    const etag = first.headers.get("ETag") ?? "";
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    for (const tags of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
      const response = await app.request(path, { headers: { "If-None-Match": tags } });
      expect([response.status, await response.text()]).toEqual([304, ""]);
      expect(response.headers.get("ETag")).toBe(etag);
    }
    for (const tags of ["", '"x"', etag.slice(1)]) {
      expect((await app.request(path, { headers: { "If-None-Match": tags } })).status).toBe(200);
    }
  });

  it("is the same bytes until the fleet changes, and then another at once", async () => {
    const first = await app.request(path);
    const second = await app.request(path);
    expect(await second.text()).toBe(await first.text());
    presence.known = [host("d.example.com", "prometheus:node")];
    const third = await app.request(path);
    expect(third.headers.get("ETag")).not.toBe(first.headers.get("ETag"));
    expect(await third.text()).toContain("d.example.com");
  });
});

describe("silent hosts", () => {
  it("that are held or linger are exported, marked", async () => {
    const silent = (hostname: string, status: "held" | "lingering") => ({
      ...host(hostname, "prometheus:node"),
      status,
    });
    presence.known = [silent("h", "held"), silent("l", "lingering")];
    const expected = [
      { targets: ["h:9100"], labels: { __meta_discovery_guarded: "true" } },
      { targets: ["l:9100"], labels: { __meta_discovery_lingering: "true" } },
    ];
    expect(await groups("/v1/prometheus/node")).toEqual(expected);
    expect(await groups("/v1/sd/hosts?port=9100")).toMatchObject(expected);
    const response = await app.request("/v1/discoveries");
    expect(response.headers.get("X-Discovery-Guarded")).toBe("1");
  });

  it("are let go when an operator accepts the loss", async () => {
    presence.known = [{ ...host("h"), status: "held" }, host("a")];
    const response = await app.request("/v1/guard/accept", { method: "POST" });
    expect(await response.json()).toEqual({ accepted: 1 });
    expect((await app.request("/v1/discoveries")).headers.get("X-Discovery-Guarded")).toBeNull();
    expect(log.at("warn").map((line) => line.fields)).toEqual([{ hosts: 1, services: 0 }]);
  });
});
