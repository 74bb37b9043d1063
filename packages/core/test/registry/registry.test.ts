import { describe, expect, test } from "vitest";
import { requireRegistry, type Registry } from "../../src/registry/registry.ts";
import { VirtualClock } from "../../src/virtual-clock.ts";
import { MemoryBackend } from "./memory-backend.ts";
import { BY, liveDaemon, newDaemon } from "./registry-fixture.ts";

const ENDPOINT = "http://example.com/metrics";
const ID = "93c156b1-f218-5d79-88a5-219307e59d29";
const code = (code: string): unknown => expect.objectContaining({ code });

async function withServer(backend = new MemoryBackend()) {
  const daemon = await liveDaemon({ backend });
  await daemon.registry.registerServer({ name: "p1", labels: { env: "prod" } }, BY);
  return { ...daemon, backend };
}

describe("the original's workflow", () => {
  test("servers, namespaces and services, registered and seen at once", async () => {
    const { registry, catalog, clock } = await withServer();
    expect(catalog.servers()).toEqual([
      { name: "p1", labels: { env: "prod" }, state: "active", modified: clock.now() },
    ]);
    expect(catalog.namespaces()).toEqual([{ name: "default", export: "standard", modified: 0 }]);
    const service = await registry.registerService({ name: "example", endpoint: ENDPOINT, selector: "env=prod" }, BY);
    expect(service).toMatchObject({ id: ID, namespace: "default", modified: clock.now() });
    expect(catalog.services()).toEqual([{ ...service, servers: ["p1"] }]);
    expect(catalog.service("default", ID)?.servers).toEqual(["p1"]);
  });

  test("registering again updates", async () => {
    const { registry, catalog, clock } = await withServer();
    await registry.registerService({ name: "a", endpoint: ENDPOINT, labels: { x: "1" } }, BY);
    await clock.advance(1000);
    await registry.registerService({ name: "b", endpoint: ENDPOINT }, BY);
    expect(catalog.services()).toHaveLength(1);
    expect(catalog.services()[0]).toMatchObject({ name: "b", labels: {}, modified: clock.now() });
    await registry.registerNamespace({ name: "n", export: "blackbox" }, BY);
    await registry.registerNamespace({ name: "n", export: "disabled" }, BY);
    expect(catalog.namespace("n")?.export).toBe("disabled");
    await registry.registerServer({ name: "p1", labels: { env: "test" }, weight: 2 }, BY);
    expect(catalog.server("p1")).toMatchObject({ labels: { env: "test" }, weight: 2 });
  });

  test.each([ID, ENDPOINT])("a service is unregistered by %s", async (service) => {
    const { registry, catalog } = await withServer();
    await registry.registerService({ name: "a", endpoint: ENDPOINT }, BY);
    await registry.unregisterService({ service }, BY);
    expect(catalog.services()).toEqual([]);
    await expect(registry.unregisterService({ service }, BY)).rejects.toThrow(code("not_found"));
  });

  test("a namespace goes with its services and only its own", async () => {
    const { registry, catalog, backend } = await withServer();
    for (const namespace of ["default-blackbox", "defaul"]) await registry.registerNamespace({ name: namespace }, BY);
    for (const namespace of ["default", "default-blackbox", "defaul"]) {
      await registry.registerService({ name: "s", endpoint: "http://a", namespace }, BY);
      await registry.registerService({ name: "s", endpoint: "http://b", namespace }, BY);
    }
    await registry.unregisterNamespace("default", BY);
    expect(catalog.services().map(({ namespace }) => namespace)).toEqual([
      "defaul",
      "default-blackbox",
      "defaul",
      "default-blackbox",
    ]);
    expect(catalog.namespace("default")).toMatchObject({ export: "standard" });
    await registry.unregisterNamespace("default-blackbox", BY);
    expect(catalog.namespaces().map(({ name }) => name)).toEqual(["defaul", "default"]);
    expect([...backend.entries.keys()].filter((key) => key.includes("default"))).toEqual([]);
  });

  test("a drained server gets nothing, stays listed, keeps its state when registered again, and is activated", async () => {
    const { registry, catalog } = await withServer();
    await registry.registerServer({ name: "p2" }, BY);
    await registry.registerService({ name: "a", endpoint: ENDPOINT }, BY);
    const [first] = catalog.services()[0]!.servers;
    await registry.drainServer(first!, BY);
    expect(catalog.server(first!)?.state).toBe("leaving");
    expect(catalog.services()[0]!.servers).not.toContain(first);
    expect((await registry.registerServer({ name: first! }, BY)).state).toBe("leaving");
    expect((await registry.activateServer(first!, BY)).state).toBe("active");
    expect(catalog.services()[0]!.servers).toEqual([first]);
    await registry.unregisterServer(first!, BY);
    expect(catalog.services()[0]!.servers).toHaveLength(1);
  });
});

describe("what is not there is not_found, and nothing is stored", () => {
  const commands: [string, (registry: Registry) => Promise<unknown>][] = [
    [
      "a service in an unknown namespace",
      (r) => r.registerService({ name: "a", endpoint: ENDPOINT, namespace: "n" }, BY),
    ],
    [
      "a selector that matches no server",
      (r) => r.registerService({ name: "a", endpoint: ENDPOINT, selector: "a=b" }, BY),
    ],
    ["unregistering a namespace", (r) => r.unregisterNamespace("n", BY)],
    ["unregistering a server", (r) => r.unregisterServer("n", BY)],
    ["draining a server", (r) => r.drainServer("n", BY)],
    ["activating a server", (r) => r.activateServer("n", BY)],
    ["unregistering a service", (r) => r.unregisterService({ service: ID }, BY)],
    ["unregistering in another namespace", (r) => r.unregisterService({ service: ID, namespace: "n" }, BY)],
    ["renewing a service", async (r) => r.renewService({ service: ID })],
  ];
  test.each(commands)("%s", async (_, command) => {
    const { registry, backend, audit } = await withServer();
    await audit.settled();
    const before = new Map(backend.entries);
    await expect(command(registry)).rejects.toThrow(code("not_found"));
    await audit.settled();
    expect(backend.entries).toEqual(before);
  });

  test("a selector that only a leaving server matches is fine", async () => {
    const { registry, catalog } = await withServer();
    await registry.drainServer("p1", BY);
    await registry.registerService({ name: "a", endpoint: ENDPOINT, selector: "env=prod" }, BY);
    expect(catalog.services()[0]!.servers).toEqual([]);
  });
});

describe("what cannot be is invalid_argument", () => {
  test.each(["x", "", "93C156B1-f218-5d79-88a5-219307e59d29", "../x"])("service %j", async (service) => {
    const { registry } = await withServer();
    await expect(registry.unregisterService({ service }, BY)).rejects.toThrow(code("invalid_argument"));
    await expect(registry.unregisterService({ service: ID, namespace: "a/b" }, BY)).rejects.toThrow(
      /^namespace "a\/b"/,
    );
  });

  test("names", async () => {
    const { registry } = await withServer();
    await expect(registry.registerNamespace({ name: "a b" }, BY)).rejects.toThrow(code("invalid_argument"));
    await expect(registry.unregisterNamespace("", BY)).rejects.toThrow(code("invalid_argument"));
    await expect(registry.registerServer({ name: "" }, BY)).rejects.toThrow(code("invalid_argument"));
    await expect(registry.drainServer("a/b", BY)).rejects.toThrow(code("invalid_argument"));
  });
});

describe("a value that cannot be read", () => {
  const key = `service/default/${ID}`;
  const newer = '{"v":2,"whatever":true}';

  test("is a problem, is not served, and is neither written over nor removed", async () => {
    const { registry, catalog, backend, clock } = await withServer();
    await registry.registerService({ name: "a", endpoint: "http://other" }, BY);
    backend.plant(key, newer);
    backend.plant("server/p9", "garbage");
    backend.plant("namespace/n", '{"v":1,"name":"m","export":"standard","modified":0}');
    await clock.advance(0);
    expect(catalog.problems()).toEqual([
      { key: "namespace/n", reason: "its content belongs at namespace/m" },
      { key: "server/p9", reason: "expected a JSON object with a version v" },
      { key, reason: "version 2 is newer than 1, the newest that this daemon knows" },
    ]);
    expect(catalog.services().map(({ endpoint }) => endpoint)).toEqual(["http://other"]);
    await expect(registry.registerService({ name: "a", endpoint: ENDPOINT }, BY)).rejects.toThrow("leaves as it is");
    await expect(registry.unregisterService({ service: ID }, BY)).rejects.toThrow(code("revision_conflict"));
    await expect(registry.registerServer({ name: "p9" }, BY)).rejects.toThrow(code("revision_conflict"));
    await expect(registry.registerNamespace({ name: "n" }, BY)).rejects.toThrow(code("revision_conflict"));
    await registry.unregisterNamespace("default", BY);
    expect(backend.entries.get(key)?.value).toBe(newer);
    expect(backend.entries.get("server/p9")?.value).toBe("garbage");
  });

  test("is served again when it is mended", async () => {
    const { registry, catalog, backend, clock } = await withServer();
    await registry.registerService({ name: "a", endpoint: ENDPOINT }, BY);
    const good = backend.entries.get(key)!.value;
    backend.plant(key, newer);
    await clock.advance(0);
    expect(catalog.services()).toEqual([]);
    backend.plant(key, good);
    await clock.advance(0);
    expect(catalog.services()).toHaveLength(1);
    expect(catalog.problems()).toEqual([]);
  });
});

describe("the backend's faults", () => {
  test("before the backend was read nobody knows what there is: unavailable", async () => {
    const clock = new VirtualClock();
    const { registry } = await newDaemon({ clock });
    const tries = [registry.registerNamespace({ name: "n" }, BY), registry.unregisterService({ service: ID }, BY)];
    for (const each of await Promise.allSettled(tries)) {
      expect(each).toMatchObject({ status: "rejected", reason: { code: "unavailable" } });
    }
    await clock.advance(0);
    await registry.registerNamespace({ name: "n" }, BY);
  });

  test("while it is down a change fails and reads go on", async () => {
    const { registry, catalog, backend } = await withServer();
    backend.down = true;
    await expect(registry.registerService({ name: "a", endpoint: ENDPOINT }, BY)).rejects.toThrow(code("unavailable"));
    expect(catalog.servers()).toHaveLength(1);
  });

  test("one that lost its data does not empty the catalog, and a change meanwhile waits for the refill", async () => {
    const { registry, catalog, backend } = await withServer();
    await registry.registerService({ name: "a", endpoint: ENDPOINT }, BY);
    backend.loseData();
    await registry.registerService({ name: "b", endpoint: ENDPOINT }, BY);
    await registry.registerService({ name: "c", endpoint: "http://other" }, BY);
    expect(catalog.services().map(({ name }) => name)).toEqual(["b", "c"]);
    expect(backend.entries.has(`service/default/${ID}`)).toBe(true);
    expect(catalog.servers()).toHaveLength(1);
  });

  test("removing a namespace that was cut off leaves the namespace, and can be done again", async () => {
    const { registry, catalog, backend } = await withServer();
    await registry.registerNamespace({ name: "n" }, BY);
    for (const host of ["a", "b", "c"]) {
      await registry.registerService({ name: "s", endpoint: `http://${host}`, namespace: "n" }, BY);
    }
    const stuck = catalog.servicesAt("http://b")[0]!.id;
    backend.refuses = (key) => key.includes(stuck);
    await expect(registry.unregisterNamespace("n", BY)).rejects.toThrow(code("unavailable"));
    expect(catalog.namespace("n")).toBeDefined();
    expect(catalog.servicesIn("n").map(({ endpoint }) => endpoint)).toEqual(["http://b"]);
    backend.refuses = () => false;
    await registry.unregisterNamespace("n", BY);
    expect(catalog.namespace("n")).toBeUndefined();
    expect(catalog.stored()).toEqual([]);
  });

  test("what a crashed daemon left in a removed namespace is not served, and does not come back with the name", async () => {
    const { registry, catalog, backend, clock } = await withServer();
    await registry.registerNamespace({ name: "n" }, BY);
    await registry.registerService({ name: "s", endpoint: ENDPOINT, namespace: "n" }, BY);
    const orphan = backend.entries.get(`service/n/${ID}`)!.value;
    await registry.unregisterNamespace("n", BY);
    backend.plant(`service/n/${ID}`, orphan);
    await clock.advance(0);
    expect(catalog.services()).toEqual([]);
    expect(catalog.stored()).toHaveLength(1);
    await registry.registerNamespace({ name: "n" }, BY);
    expect(catalog.services()).toEqual([]);
    expect(backend.entries.has(`service/n/${ID}`)).toBe(false);
  });
});

test("no registry is unimplemented", () => {
  expect(() => requireRegistry(undefined)).toThrow(code("unimplemented"));
  expect(requireRegistry(5)).toBe(5);
});
