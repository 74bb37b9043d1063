import { makeBackup, type Backup } from "@org/discovery-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { backupYaml, MAX_JSON_BYTES, MAX_YAML_BYTES, parseBackupText } from "../../../src/http/backup-text.ts";
import { MAX_BODY_BYTES } from "../../../src/http/body.ts";
import { appUnderTest } from "../app-under-test.ts";
import { livingRegistry } from "../living-registry.ts";
import { PROBE, registryApp, type RegistryApp } from "./registry-requests.ts";

async function backupOf({ app }: Pick<RegistryApp, "app">, query = "", accept = "*/*"): Promise<Response> {
  return app.request(`/v1/backup${query}`, { headers: { Accept: accept } });
}

describe("GET /v1/backup", () => {
  it.each([
    ["", "*/*", "json"],
    ["", "application/json", "json"],
    ["", "application/yaml", "yaml"],
    ["", "text/yaml;q=1, application/json;q=0.5", "yaml"],
    ["?format=yaml", "application/json", "yaml"],
    ["?format=json", "application/yaml", "json"],
  ])("%j with Accept: %s is %s", async (query, accept, format) => {
    const answer = await backupOf(await registryApp(), query, accept);
    expect(answer.headers.get("Content-Type")).toBe(`application/${format}`);
    expect(answer.headers.get("Content-Disposition")).toContain(`.${format}"`);
    const backup = parseBackupText(await answer.text());
    expect(backup.servers.map(({ name }) => name)).toEqual(["p1", "p2", "p3"]);
    expect(backup.services.map(({ name }) => name)).toEqual(["probe", "web"]);
  });

  it("refuses other formats", async () => {
    expect((await backupOf(await registryApp(), "?format=xml")).status).toBe(400);
  });
});

describe("a backup as YAML", () => {
  const text = fc.string({ unit: "binary" });
  const service = fc.record({ name: text, labels: fc.dictionary(text, text), modified: fc.nat() });

  it("is what YAML reads back, whatever the text in it", () => {
    fc.assert(
      fc.property(fc.array(service), (services) => {
        const backup = { format: "discovery-backup", v: 1, created: 7, namespaces: [], servers: [], services };
        const yaml = backupYaml(backup as unknown as Backup);
        // Other readers of YAML refuse these where they are not escaped.
        expect(yaml).not.toMatch(/[\u007f-\u009f\u2028\u2029\ufeff]/);
        expect(JSON.stringify(parse(yaml))).toBe(JSON.stringify(JSON.parse(JSON.stringify(backup))));
      }),
      { examples: [[[{ name: "\u2028\u0085\ufeff\u007f\ud800: #", labels: { "<<": "~", "": "yes" }, modified: 0 }]]] },
    );
  });
});

describe("POST /v1/restore", () => {
  it.each(["json", "yaml"])(
    "brings an empty registry to what the %s says, and says so in the history",
    async (format) => {
      const from = await registryApp();
      const text = await (await backupOf(from, `?format=${format}`)).text();
      const registry = await livingRegistry();
      const { app } = await appUnderTest({ registry });
      const dry = await app.request("/v1/restore?dry-run=true", { method: "POST", body: text });
      expect(await dry.json()).toMatchObject({ dryRun: true, put: { length: 6 }, same: 0, remove: [] });
      expect(registry.catalog.servers()).toEqual([]);

      const done = await app.request("/v1/restore?reason=new+disk", { method: "POST", body: text });
      expect(await done.json()).toMatchObject({ dryRun: false, put: { length: 6 }, same: 0, remove: [] });
      expect(makeBackup(registry.catalog, 0)).toEqual(makeBackup(from.registry.catalog, 0));
      await registry.audit.settled();
      expect(registry.audit.history()).toMatchObject([
        { action: "restored", reason: "new disk", detail: "6 records written, 0 removed" },
      ]);
      const again = await app.request("/v1/restore", { method: "POST", body: text });
      expect(await again.json()).toMatchObject({ put: [], same: 6, remove: [] });
    },
  );

  it("leaves others alone, or removes them where asked", async () => {
    const under = await registryApp();
    const text = await (await backupOf(under)).text();
    await under.post("/v1/services", { name: "new", endpoint: "http://new.example.com" });
    expect((await under.post("/v1/restore", text)).body).toMatchObject({ put: [], remove: [] });
    expect(under.registry.catalog.services()).toHaveLength(3);
    const dry = await under.post("/v1/restore?remove-others=true&dry-run=1", text);
    expect(dry.body["remove"]).toEqual([expect.stringMatching(/^service\/default\//)]);
    expect(under.registry.catalog.services()).toHaveLength(3);
    await under.post("/v1/restore?remove-others=true", text);
    expect(under.registry.catalog.services()).toHaveLength(2);
  });

  it.each([
    ["no text", ""],
    ["broken JSON", '{"format":'],
    ["broken YAML", "format: [discovery-backup"],
    ["another document", "- a\n- b"],
    ["a newer version", '{"format":"discovery-backup","v":2,"created":0,"namespaces":[],"servers":[],"services":[]}'],
    ["an alias", "format: &x discovery-backup\nv: 1\ncreated: *x\nnamespaces: []\nservers: []\nservices: []"],
    [
      "a service that cannot be",
      '{"format":"discovery-backup","v":1,"created":0,"namespaces":[],"servers":[],"services":[{"id":"x"}]}',
    ],
    ["deep nesting", "[".repeat(100_000)],
    ["too much YAML", `# ${"x".repeat(MAX_YAML_BYTES)}`],
  ])("refuses %s with 400 and changes nothing", async (_what, text) => {
    const under = await registryApp();
    const { revision } = under.registry.catalog;
    const answer = await under.post("/v1/restore?remove-others=true", text);
    expect([answer.status, answer.body["detail"]]).toEqual([400, expect.stringMatching(/^backup/)]);
    expect(under.registry.catalog.revision).toBe(revision);
  });

  it("refuses a broken record before it writes the good ones", async () => {
    const under = await registryApp();
    const backup = (await (await backupOf(under)).json()) as { services: { endpoint: string }[] };
    backup.services[0] = { ...backup.services[0], endpoint: "no url" };
    await under.post("/v1/admin/wipe", { confirm: "wipe" });
    expect((await under.post("/v1/restore", backup)).status).toBe(400);
    expect(under.registry.catalog.servers()).toEqual([]);
  });

  it("takes more than other routes do, up to its own limit", async () => {
    const under = await registryApp();
    const backup = (await (await backupOf(under)).json()) as object;
    const large = JSON.stringify(backup) + " ".repeat(MAX_BODY_BYTES);
    expect((await under.post("/v1/restore", large)).status).toBe(200);
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 2 ** 20;
        controller.enqueue(new Uint8Array(2 ** 20).fill(0x20));
      },
    });
    const refused = await under.app.request("/v1/restore", { method: "POST", body: endless, duplex: "half" });
    expect(refused.status).toBe(413);
    expect(sent).toBeLessThan(MAX_JSON_BYTES + 4 * 2 ** 20);
  });

  it("restores a service whose server and namespace are in the backup, too", async () => {
    const under = await registryApp();
    const text = await (await backupOf(under)).text();
    await under.post("/v1/admin/wipe", { confirm: "wipe" });
    await under.post("/v1/restore", text);
    expect(under.registry.catalog.servicesAt(PROBE)).toMatchObject([{ namespace: "bb", servers: ["p3"] }]);
  });
});
