import { beforeEach, describe, expect, it } from "vitest";
import { registryApp, type RegistryApp, type ShownService } from "../registry-app.ts";

const ID = "93c156b1-f218-5d79-88a5-219307e59d29";
const ENDPOINT = "http://example.com/metrics";
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

let app: RegistryApp;
const send: RegistryApp["send"] = (...request) => app.send(...request);
const names = async (query = ""): Promise<string[]> =>
  (await app.get<{ services: ShownService[] }>(`/v1/services${query}`)).services.map(({ name }) => name);

beforeEach(async () => {
  app = await registryApp();
});

async function register(...services: readonly object[]): Promise<void> {
  await send("POST", "/v1/servers", { name: "prometheus1.example.com", labels: { environment: "test" } });
  for (const service of services) expect(await send("POST", "/v1/services", service)).toMatchObject({ status: 200 });
}

describe("the seed's workflow", () => {
  it("registers and lists in the original's JSON", async () => {
    const server = await send("POST", "/v1/servers", {
      name: "prometheus1.example.com",
      labels: { environment: "test" },
    });
    expect(JSON.parse(server.text)).toEqual({
      server: {
        name: "prometheus1.example.com",
        labels: { environment: "test" },
        modified: expect.stringMatching(RFC_3339),
        state: "2",
      },
    });
    const registered = await send("POST", "/v1/services", {
      name: "example",
      endpoint: ENDPOINT,
      labels: { label1: "value1", label2: "value2" },
      selector: "environment=test",
    });
    const service = {
      id: ID,
      name: "example",
      endpoint: ENDPOINT,
      namespace: "default",
      selector: "environment=test",
      servers: ["prometheus1.example.com"],
      labels: { label1: "value1", label2: "value2" },
      description: "",
      modified: expect.stringMatching(RFC_3339),
    };
    expect(JSON.parse(registered.text)).toEqual({ service });
    expect(await app.get("/v1/services")).toEqual({ services: [service] });
    expect(await app.get(`/v1/services/default/${ID}`)).toEqual({ service });
    expect(await app.get(`/v1/services/default/${encodeURIComponent(ENDPOINT)}`)).toEqual({ service });
    await send("POST", "/v1/namespaces", { name: "default-blackbox", export: 2 });
    expect(await app.get("/v1/namespaces")).toEqual({
      namespaces: [
        { name: "default", export: 1, modified: expect.stringMatching(RFC_3339) },
        { name: "default-blackbox", export: 2, modified: expect.stringMatching(RFC_3339) },
      ],
    });
    const query = `id=${encodeURIComponent(ENDPOINT)}`;
    expect(await send("DELETE", `/v1/services/default?${query}`)).toMatchObject({ status: 200, text: "{}" });
    expect(await send("DELETE", `/v1/services/default?${query}`)).toMatchObject({ status: 404 });
    expect(await app.get("/v1/services")).toEqual({ services: [] });
  });

  it("removes a namespace with its own services only", async () => {
    await send("POST", "/v1/namespaces", { name: "default-blackbox", export: "blackbox" });
    await register(
      { name: "a", endpoint: "http://a/" },
      { name: "b", endpoint: "http://b/", namespace: "default-blackbox" },
    );
    expect((await send("DELETE", "/v1/namespaces/default")).status).toBe(200);
    expect(await names()).toEqual(["b"]);
    expect((await send("DELETE", "/v1/namespaces/default-blackbox")).status).toBe(200);
    expect(await names()).toEqual([]);
    expect((await send("DELETE", "/v1/namespaces/default-blackbox")).status).toBe(404);
  });

  it("drains a server, activates it again, and removes it", async () => {
    await register({ name: "a", endpoint: "http://a/" });
    const state = async (verb: string): Promise<unknown> => {
      const { text } = await send("POST", `/v1/servers/prometheus1.example.com/${verb}`);
      return (JSON.parse(text) as { server: { state: string } }).server.state;
    };
    const servers = async (): Promise<readonly string[] | undefined> =>
      (await app.get<{ services: ShownService[] }>("/v1/services")).services[0]?.servers;
    expect([await state("drain"), await servers()]).toEqual(["0", []]);
    expect([await state("activate"), await servers()]).toEqual(["2", ["prometheus1.example.com"]]);
    expect((await send("DELETE", "/v1/servers/prometheus1.example.com")).status).toBe(200);
    expect(await app.get("/v1/servers")).toEqual({ servers: [] });
    for (const path of ["/v1/servers/x/drain", "/v1/servers/x/activate"]) {
      expect((await send("POST", path)).status).toBe(404);
    }
    expect((await send("DELETE", "/v1/servers/x")).status).toBe(404);
  });
});

describe("what a body may say", () => {
  it("an export config as number, digit or word", async () => {
    for (const [given, shown] of [
      [0, 0],
      ["1", 1],
      ["blackbox", 2],
      [null, 1],
      ["", 1],
      [undefined, 1],
    ]) {
      const { text } = await send("POST", "/v1/namespaces", { name: "n", export: given });
      expect([given, JSON.parse(text)]).toMatchObject([given, { namespace: { export: shown } }]);
    }
  });

  it("a ttl in seconds or as a Go duration; 0 is none", async () => {
    await register();
    for (const [ttl, seconds] of [
      [90, 90],
      ["90", 90],
      ["1m30s", 90],
      [0, undefined],
      ["0s", undefined],
      ["", undefined],
      [null, undefined],
    ]) {
      const { text } = await send("POST", "/v1/services", { name: "a", endpoint: "http://a/", ttl });
      expect([ttl, (JSON.parse(text) as { service: ShownService }).service.ttl]).toEqual([ttl, seconds]);
    }
  });

  it("null or an empty text for what it leaves out", async () => {
    await register({ name: "a", endpoint: "http://a/", namespace: "", labels: null, selector: null, description: "" });
    expect(await names()).toEqual(["a"]);
  });

  it("what was read, sent back as it is", async () => {
    await register({ name: "a", endpoint: "http://a/", ttl: 60, labels: { ["__proto__"]: "x", constructor: "y" } });
    const [service] = (await app.get<{ services: ShownService[] }>("/v1/services")).services;
    const { text } = await send("POST", "/v1/services", service);
    expect({ ...(JSON.parse(text) as { service: object }).service, modified: service?.modified }).toEqual(service);
    expect(Object.keys(service?.labels ?? {}).toSorted()).toEqual(["__proto__", "constructor"].toSorted());
    const [server] = (await app.get<{ servers: object[] }>("/v1/servers")).servers;
    expect((await send("POST", "/v1/servers", server)).status).toBe(200);
    const [namespace] = (await app.get<{ namespaces: object[] }>("/v1/namespaces")).namespaces;
    expect((await send("POST", "/v1/namespaces", namespace)).status).toBe(200);
  });
});

describe("lists of services", () => {
  beforeEach(async () => {
    await send("POST", "/v1/servers", { name: "other", labels: { environment: "prod" } });
    await send("POST", "/v1/namespaces", { name: "ns" });
    await register(
      { name: "web", endpoint: "http://c/", labels: { tier: "front" }, selector: "environment=test" },
      { name: "mail", endpoint: "http://b/", labels: { tier: "back" }, selector: "environment=prod", namespace: "ns" },
      { name: "db", endpoint: "http://a/", labels: { tier: "back" }, selector: "environment=prod" },
    );
  });

  it.each([
    ["", ["db", "mail", "web"]],
    ["?sort=name", ["db", "mail", "web"]],
    ["?sort=date", ["web", "mail", "db"]],
    ["?namespace=ns", ["mail"]],
    ["?namespace=", ["db", "mail", "web"]],
    ["?namespace=nowhere", []],
    ["?selector=tier%3Dback", ["db", "mail"]],
    ["?selector=tier%3Dback&selector=tier!%3Dback", []],
    ["?name=^(w|m)", ["mail", "web"]],
    ["?name=a", ["mail"]],
    ["?server=prom", ["web"]],
    ["?server=^other$&endpoint=b/$", ["mail"]],
    ["?endpoint=//(a|c)/", ["db", "web"]],
    ["?unknown=x", ["db", "mail", "web"]],
  ])("%s", async (query, expected) => {
    expect(await names(query.replaceAll("+", "%2B"))).toEqual(expected);
  });

  it("servers by selector and name, namespaces by name", async () => {
    const servers = async (query: string): Promise<string[]> =>
      (await app.get<{ servers: { name: string }[] }>(`/v1/servers${query}`)).servers.map(({ name }) => name);
    expect(await servers("")).toEqual(["other", "prometheus1.example.com"]);
    expect(await servers("?selector=environment%3Dprod")).toEqual(["other"]);
    expect(await servers("?name=^prom")).toEqual(["prometheus1.example.com"]);
    const { namespaces } = await app.get<{ namespaces: { name: string }[] }>("/v1/namespaces?name=^n");
    expect(namespaces.map(({ name }) => name)).toEqual(["ns"]);
  });

  it("are tagged, and a tag is good until the list changes", async () => {
    const tag = (await send("GET", "/v1/services?namespace=ns")).headers.get("ETag") ?? "";
    const again = (): Promise<Response> =>
      Promise.resolve(app.app.request("/v1/services?namespace=ns", { headers: { "If-None-Match": tag } }));
    expect((await again()).status).toBe(304);
    await register({ name: "far", endpoint: "http://far/" });
    expect((await again()).status).toBe(304);
    await register({ name: "near", endpoint: "http://near/", namespace: "ns" });
    expect((await again()).status).toBe(200);
  });
});

describe("leases", () => {
  it("are renewed by id or endpoint, and shown with one service", async () => {
    await register({ name: "a", endpoint: ENDPOINT, ttl: 60 });
    for (const id of [ID, encodeURIComponent(ENDPOINT)]) {
      const { status, text } = await send("PUT", `/v1/services/default/${id}/lease`);
      expect([status, JSON.parse(text)]).toMatchObject([200, { service: { id: ID, lease: { expired: false } } }]);
    }
    const { service } = await app.get<{ service: ShownService }>(`/v1/services/default/${ID}`);
    expect(service.lease?.age).toBeLessThan(60);
  });

  it("are refused where there is none to renew", async () => {
    await register({ name: "a", endpoint: ENDPOINT });
    expect(await send("PUT", `/v1/services/default/${ID}/lease`)).toMatchObject({ status: 400 });
    expect(await send("PUT", `/v1/services/ns/${ID}/lease`)).toMatchObject({ status: 404 });
    expect(await send("PUT", "/v1/services/default/nonsense/lease")).toMatchObject({ status: 400 });
  });
});

describe("the history", () => {
  it("has who, why and from where, the reason of the body or query before that of the header", async () => {
    const header = { headers: { "X-Discovery-Reason": Buffer.from("Überfällig").toString("latin1") } };
    const post = (path: string, body: object): Promise<Response> =>
      Promise.resolve(app.app.request(path, { method: "POST", body: JSON.stringify(body), ...header }));
    await post("/v1/servers", { name: "s" });
    await post("/v1/services", { name: "a", endpoint: "http://a/", reason: "new" });
    await send("DELETE", "/v1/services/default?id=http://a/&reason=old");
    await app.registry.service.audit?.settled();
    const entries = app.registry.service.audit?.history() ?? [];
    expect(entries.map(({ action, name, actor, reason }) => [action, name, actor, reason])).toEqual([
      ["unregistered", "a", "anonymous", "old"],
      ["registered", "a", "anonymous", "new"],
      ["registered", "s", "anonymous", "Überfällig"],
    ]);
  });

  it("knows a request that had the token", async () => {
    const guarded = await registryApp({ token: "sesame" });
    const body = JSON.stringify({ name: "s" });
    expect((await guarded.app.request("/v1/servers", { method: "POST", body })).status).toBe(401);
    const headers = { Authorization: "Bearer sesame" };
    expect((await guarded.app.request("/v1/servers", { method: "POST", body, headers })).status).toBe(200);
    await guarded.registry.service.audit?.settled();
    expect(guarded.registry.service.audit?.history()[0]).toMatchObject({ actor: "token" });
  });
});
