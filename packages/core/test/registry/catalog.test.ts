import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Catalog } from "../../src/registry/catalog.ts";
import { queryServices, type ServiceQuery } from "../../src/registry/service-query.ts";
import { encodeRecord } from "../../src/registry/record-format.ts";
import { makeNamespace } from "../../src/registry/namespace.ts";
import { makeServer } from "../../src/registry/server.ts";
import { makeService, serviceKey } from "../../src/registry/service.ts";
import { parseSelector } from "../../src/selector/selector.ts";
import { MemoryBackend } from "./memory-backend.ts";
import { BY, liveDaemon, type RegistryDaemon } from "./registry-fixture.ts";

const services = ["http://a/", "http://b/"].flatMap((endpoint) =>
  ["default", "n"].map((namespace) => makeService({ name: "s", endpoint, namespace }, 0)),
);
const entries: [string, string[]][] = [
  [
    "namespace/n",
    ["standard", "disabled"].map((config) =>
      encodeRecord(makeNamespace({ name: "n", export: config as "standard" }, 0)),
    ),
  ],
  ["namespace/default", [encodeRecord(makeNamespace({ name: "default", export: "blackbox" }, 0))]],
  ...["p", "q"].map((name): [string, string[]] => [
    `server/${name}`,
    [encodeRecord(makeServer({ name }, 0)), encodeRecord({ ...makeServer({ name }, 0), state: "leaving" })],
  ]),
  ...services.map((service): [string, string[]] => [
    serviceKey(service),
    [encodeRecord(service), encodeRecord({ ...service, name: "t", labels: { a: "b" } })],
  ]),
  ["token/x", ["anything"]],
];

/** Everything that a catalog says. */
const all = (catalog: Catalog): unknown => [
  catalog.namespaces(),
  catalog.servers(),
  catalog.services(),
  catalog.stored(),
  ["default", "n"].flatMap((name) => [catalog.servicesIn(name), catalog.storedIn(name), catalog.namespace(name)]),
  ["http://a/", "http://b/"].map((endpoint) => catalog.servicesAt(endpoint)),
  services.map(({ namespace, id }) => catalog.service(namespace, id)),
  catalog.problems(),
];

test("kept up to date key by key, a catalog says what one made afresh says", async () => {
  const change = fc
    .constantFrom(...entries)
    .chain(([key, values]) =>
      fc.record({ key: fc.constant(key), value: fc.constantFrom(undefined, "broken", '{"v":2}', ...values) }),
    );
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 25 }), fc.nat(25), async (changes, lossAfter) => {
      const backend = new MemoryBackend();
      const { catalog, replica, clock } = await liveDaemon({ backend });
      for (const [index, { key, value }] of changes.entries()) {
        const version = catalog.version;
        const before = JSON.stringify(all(catalog));
        if (value !== undefined) await replica.put(key, value);
        else if (replica.entries.has(key)) await replica.delete(key);
        if (index === lossAfter) backend.loseData();
        await clock.advance(0);
        const after = JSON.stringify(all(catalog));
        expect(after).toBe(JSON.stringify(all(new Catalog({ replica }))));
        if (after !== before) expect(catalog.version).toBeGreaterThan(version);
      }
    }),
    { numRuns: 150 },
  );
});

test("the default namespace is always there, and can be another", async () => {
  const { catalog, registry } = await liveDaemon();
  expect(catalog.namespace("default")).toEqual({ name: "default", export: "standard", modified: 0 });
  await registry.registerNamespace({ name: "default", export: "blackbox" }, BY);
  expect(catalog.namespaces().map((each) => [each.name, each.export])).toEqual([["default", "blackbox"]]);
  await registry.unregisterNamespace("default", BY);
  expect(catalog.namespace("default")?.export).toBe("standard");
});

test("a wipe empties it", async () => {
  const backend = new MemoryBackend();
  const { catalog, registry, clock } = await liveDaemon({ backend });
  await registry.registerServer({ name: "p" }, BY);
  await registry.registerService({ name: "s", endpoint: "http://a", ttlSeconds: 5 }, BY);
  await backend.connect().wipe();
  await clock.advance(0);
  expect([catalog.servers(), catalog.services(), catalog.stored()]).toEqual([[], [], []]);
});

test("nothing is computed twice for one version, and what is not the catalog's does not change it", async () => {
  const { catalog, registry, replica } = await liveDaemon();
  await registry.registerServer({ name: "p" }, BY);
  await registry.registerService({ name: "s", endpoint: "http://a" }, BY);
  const { version } = catalog;
  const services = catalog.services();
  let told = 0;
  catalog.onChange(() => (told += 1));
  await replica.put("token/x", "y");
  expect(catalog.services()).toBe(services);
  expect(catalog.version).toBe(version);
  expect(told).toBe(0);
  await registry.registerService({ name: "t", endpoint: "http://b" }, BY);
  expect(catalog.services()[0]).toBe(services[0]);
  expect(told).toBe(1);
  catalog.stop();
  await replica.delete("server/p");
  expect(told).toBe(1);
});

describe("queries", () => {
  async function registered(): Promise<RegistryDaemon> {
    const daemon = await liveDaemon();
    const { registry, clock } = daemon;
    await registry.registerServer({ name: "p1", labels: { env: "prod" } }, BY);
    await registry.registerServer({ name: "p2", labels: { env: "test" } }, BY);
    await registry.registerNamespace({ name: "n" }, BY);
    const inputs = [
      { name: "web", endpoint: "http://c/", labels: { tier: "1" }, selector: "env=prod" },
      { name: "db", endpoint: "http://a/", labels: { tier: "2" }, selector: "env=test" },
      { name: "web", endpoint: "http://b/", namespace: "n", selector: "env=prod" },
      { name: "job", endpoint: "http://a/", namespace: "n", selector: "env=test", ttlSeconds: 10 },
    ];
    for (const input of inputs) {
      await registry.registerService(input, BY);
      await clock.advance(1000);
    }
    return daemon;
  }

  const queries: [string, ServiceQuery, string[]][] = [
    ["all, by endpoint, then namespace", {}, ["a db", "a job", "b web", "c web"]],
    ["a namespace", { namespace: "n" }, ["a job", "b web"]],
    ["an unknown one", { namespace: "x" }, []],
    ["a selector", { selector: parseSelector("tier") }, ["a db", "c web"]],
    ["a name", { name: (name) => name === "web" }, ["b web", "c web"]],
    ["an endpoint", { endpoint: (endpoint) => endpoint.includes("a") }, ["a db", "a job"]],
    ["a server", { server: (name) => name === "p1" }, ["b web", "c web"]],
    ["all of them", { namespace: "n", name: (name) => name === "web", server: (name) => name === "p1" }, ["b web"]],
    ["by date", { sort: "date" }, ["c web", "a db", "b web", "a job"]],
    ["by name", { sort: "name" }, ["a db", "a job", "b web", "c web"]],
  ];
  test.each(queries)("%s", async (_, query, expected) => {
    const { catalog } = await registered();
    const found = queryServices(catalog, query).map(({ endpoint, name }) => `${endpoint.at(7)} ${name}`);
    expect(found).toEqual(expected);
  });

  test("what is stored but not served is shown where asked for", async () => {
    const { catalog, leases, link, clock } = await registered();
    const version = catalog.version;
    await clock.advance(20_000);
    link.proved();
    leases.sweep();
    expect(catalog.version).toBeGreaterThan(version);
    expect(queryServices(catalog, { namespace: "n" }).map(({ name }) => name)).toEqual(["web"]);
    expect(queryServices(catalog, { namespace: "n", unserved: true }).map(({ name }) => name)).toEqual(["job", "web"]);
    expect(queryServices(catalog, { unserved: true })).toHaveLength(4);
  });
});
