import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeBackup, parseBackup, type Backup } from "../../src/registry/backup.ts";
import { MemoryBackend } from "./memory-backend.ts";
import { BY, liveDaemon, type RegistryDaemon } from "./registry-fixture.ts";

async function registered(backend = new MemoryBackend()) {
  const daemon = await liveDaemon({ backend });
  const { registry } = daemon;
  await registry.registerServer({ name: "p", labels: { __proto__x: "1", constructor: "2" }, weight: 2 }, BY);
  await registry.drainServer("p", BY);
  await registry.registerNamespace({ name: "n", export: "blackbox" }, BY);
  await registry.registerService({ name: "a", endpoint: "http://a", labels: { l: "v" }, ttlSeconds: 60 }, BY);
  await registry.registerService({ name: "b", endpoint: "http://b", namespace: "n", selector: "constructor=2" }, BY);
  return { ...daemon, backend };
}

const shown = ({ catalog }: RegistryDaemon): unknown => [catalog.servers(), catalog.namespaces(), catalog.stored()];
/** Through text, as between two daemons. */
const sent = (backup: Backup): Backup => parseBackup(JSON.parse(JSON.stringify(backup)));

describe("a backup", () => {
  test("restored elsewhere gives the same catalog, and what is there is not written again", async () => {
    const from = await registered();
    const backup = makeBackup(from.catalog, 5);
    expect(sent(backup)).toEqual(backup);
    const to = await liveDaemon();
    expect(to.registry.planRestore(backup)).toMatchObject({ same: 0, remove: [] });
    const plan = await to.registry.restore(sent(backup), BY);
    expect(plan.put.map((key) => key.split("/")[0])).toEqual(["namespace", "server", "service", "service"]);
    expect(shown(to)).toEqual(shown(from));
    expect(to.registry.planRestore(backup)).toEqual({ put: [], same: 4, remove: [] });
    await to.audit.settled();
    expect(to.audit.history()).toMatchObject([{ action: "restored", detail: "4 records written, 0 removed" }]);
  });

  test("removes what it does not have only where asked to", async () => {
    const { registry, catalog, backend, clock } = await registered();
    const backup = makeBackup(catalog, 5);
    await registry.registerNamespace({ name: "m" }, BY);
    await registry.registerServer({ name: "q" }, BY);
    await registry.registerService({ name: "c", endpoint: "http://c", namespace: "m" }, BY);
    await registry.registerService({ name: "changed", endpoint: "http://a" }, BY);
    backend.plant("server/x", "unreadable");
    backend.plant("token/x", "y");
    await clock.advance(0);
    await registry.restore(backup, BY);
    expect(catalog.servicesAt("http://a")[0]?.name).toBe("a");
    expect(catalog.servers().map(({ name }) => name)).toEqual(["p", "q"]);
    const plan = await registry.restore(backup, BY, { removeOthers: true });
    expect(plan.remove.map((key) => key.split("/")[0])).toEqual(["service", "server", "namespace"]);
    expect(makeBackup(catalog, 5)).toEqual(backup);
    expect(backend.entries.get("server/x")?.value).toBe("unreadable");
    expect(backend.entries.has("token/x")).toBe(true);
  });

  test("that was cut off can be restored again", async () => {
    const from = await registered();
    const backup = makeBackup(from.catalog, 5);
    const backend = new MemoryBackend();
    const to = await liveDaemon({ backend });
    backend.refuses = (key) => key.startsWith("service/n/");
    await expect(to.registry.restore(backup, BY)).rejects.toThrow(expect.objectContaining({ code: "unavailable" }));
    backend.refuses = () => false;
    await to.registry.restore(backup, BY);
    expect(shown(to)).toEqual(shown(from));
    await to.audit.settled();
    expect(to.audit.history()).toMatchObject([
      { action: "restored", detail: "1 records written, 0 removed" },
      {
        action: "restore cut off",
        detail: expect.stringMatching(/^3 of 4 records written or removed, then: refused service\/n\//) as string,
      },
    ]);
  });

  test("that has the key of a value that cannot be read writes nothing at all, and its plan says so", async () => {
    const from = await registered();
    const backup = makeBackup(from.catalog, 5);
    const backend = new MemoryBackend();
    const to = await liveDaemon({ backend });
    const key = [...from.backend.entries.keys()].find((each) => each.startsWith("service/n/")) ?? "";
    backend.plant(key, '{"v":2}');
    await to.clock.advance(0);
    const conflict = expect.objectContaining({ code: "revision_conflict" });
    expect(() => to.registry.planRestore(backup)).toThrow(conflict);
    await expect(to.registry.restore(backup, BY)).rejects.toThrow(conflict);
    expect([...backend.entries]).toEqual([[key, expect.objectContaining({ value: '{"v":2}' })]]);
  });
});

describe("what is no backup is an invalid_argument that names the place", () => {
  const place: [string, (backup: Record<string, unknown[]>) => unknown, string][] = [
    ["null", () => null, "backup, document: null"],
    ["an array", () => [], "backup, "],
    ["another format", (b) => ({ ...b, format: "x" }), 'backup, format: "x": expected "discovery-backup"'],
    ["a newer version", (b) => ({ ...b, v: 2 }), "backup, v: 2: expected 1"],
    ["one more member", (b) => ({ ...b, tokens: [] }), "backup, tokens"],
    ["no services", ({ services: _services, ...b }) => b, "backup, services: undefined"],
    [
      "a bad type",
      (b) => ({ ...b, servers: [{ ...(b["servers"]![0] as object), name: 7 }] }),
      "backup, servers.0.name: 7: expected string",
    ],
    [
      "a bad name",
      (b) => ({ ...b, servers: [{ ...(b["servers"]![0] as object), name: "" }] }),
      'backup, servers.0: {"name":""',
    ],
    [
      "a name twice",
      (b) => ({ ...b, servers: [b["servers"]![0], b["servers"]![0]] }),
      'backup, servers.1: "server/p": expected each server once',
    ],
    [
      "a missing namespace",
      (b) => ({ ...b, namespaces: [] }),
      'backup, services.1.namespace: "n": expected a namespace of this backup',
    ],
    [
      "another id",
      (b) => ({ ...b, services: [{ ...(b["services"]![0] as object), endpoint: "http://z" }] }),
      "expected service id",
    ],
  ];
  test.each(place)("%s", async (_, alter, message) => {
    const { catalog } = await registered();
    const json = alter(JSON.parse(JSON.stringify(makeBackup(catalog, 5))) as Record<string, unknown[]>);
    expect(() => parseBackup(json)).toThrow(message);
    expect(() => parseBackup(json)).toThrow(expect.objectContaining({ code: "invalid_argument" }));
  });

  test("also one that is its own part", () => {
    const json: Record<string, unknown> = {
      format: "discovery-backup",
      v: 1,
      created: 0,
      namespaces: [],
      services: [],
    };
    json["servers"] = json;
    expect(() => parseBackup(json)).toThrow("backup, servers: [object Object]: expected Array");
  });

  test("whatever it is", () => {
    fc.assert(
      fc.property(fc.anything(), (json) => {
        expect(() => parseBackup(json)).toThrow(expect.objectContaining({ code: "invalid_argument" }));
      }),
    );
  });
});
