import { describe, expect, test } from "vitest";
import { explainService } from "../../src/registry/explain.ts";
import { MemoryBackend } from "./memory-backend.ts";
import { BY, liveDaemon } from "./registry-fixture.ts";

const ENDPOINT = "http://a/m";

async function registered() {
  const backend = new MemoryBackend();
  const daemon = await liveDaemon({ backend });
  const { registry } = daemon;
  await registry.registerServer({ name: "p1", labels: { env: "prod", zone: "1" } }, BY);
  await registry.registerServer({ name: "p2", labels: { env: "prod" } }, BY);
  await registry.registerServer({ name: "p3", labels: { env: "test" } }, BY);
  const selector = "env=prod,zone";
  const service = await registry.registerService({ name: "s", endpoint: ENDPOINT, selector, ttlSeconds: 60 }, BY);
  return { ...daemon, backend, service };
}

test("a service that is scraped: by whom, why by no other, and what they read", async () => {
  const { catalog, service } = await registered();
  const [explained, ...others] = explainService(catalog, ENDPOINT);
  expect(others).toEqual([]);
  expect(explained).toMatchObject({ export: "standard", strategy: "rendezvous", replicas: 1, reasons: [] });
  expect(explained?.lease).toMatchObject({ ttlSeconds: 60, expired: false });
  expect(explained?.servers).toEqual([
    { name: "p1", state: "active", unmet: [], rank: 1, assigned: true },
    { name: "p2", state: "active", unmet: ["zone"], assigned: false },
    { name: "p3", state: "active", unmet: ["env=prod", "zone"], assigned: false },
  ]);
  expect(explained?.lists).toEqual([
    {
      server: "p1",
      namespace: "default",
      group: { targets: ["a"], labels: expect.objectContaining({ job: "s" }) as object },
    },
  ]);
  expect(explainService(catalog, service.id)).toEqual(explainService(catalog, ENDPOINT));
});

describe("one that is not says why", () => {
  test("nothing has that endpoint", async () => {
    const { catalog } = await registered();
    expect(explainService(catalog, "http://other")).toEqual([]);
    expect(explainService(catalog, "x")).toEqual([]);
  });

  test("its namespace is not exported, or is not there", async () => {
    const { catalog, registry, backend, clock } = await registered();
    await registry.registerNamespace({ name: "n", export: "disabled" }, BY);
    await registry.registerService({ name: "s", endpoint: "http://b", namespace: "n" }, BY);
    expect(explainService(catalog, "http://b")[0]).toMatchObject({
      lists: [],
      reasons: ["namespace n is not exported"],
    });
    const key = [...backend.entries.keys()].find((each) => each.startsWith("service/n/"))!;
    const { value } = backend.entries.get(key)!;
    await registry.unregisterNamespace("n", BY);
    backend.plant(key, value);
    await clock.advance(0);
    expect(explainService(catalog, "http://b")[0]).toMatchObject({ lists: [], reasons: ["there is no namespace n"] });
  });

  test("its servers are leaving, or gone", async () => {
    const { catalog, registry } = await registered();
    await registry.drainServer("p1", BY);
    expect(explainService(catalog, ENDPOINT)[0]?.reasons).toEqual(["every server that matches is leaving: p1"]);
    await registry.unregisterServer("p1", BY);
    expect(explainService(catalog, ENDPOINT)[0]?.reasons).toEqual(['no server matches its selector "env=prod,zone"']);
  });

  test("its lease expired", async () => {
    const { catalog, clock, link, leases } = await registered();
    await clock.advance(61_000);
    link.proved();
    leases.sweep();
    expect(explainService(catalog, ENDPOINT)[0]).toMatchObject({
      lease: { expired: true },
      lists: [],
      reasons: ["its lease expired: not renewed for 61 s, its ttl is 60 s"],
    });
  });
});
