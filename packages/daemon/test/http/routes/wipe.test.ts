import { beforeEach, expect, it } from "vitest";
import { registryApp, type RegistryApp } from "./registry-requests.ts";

let under: RegistryApp;

beforeEach(async () => {
  under = await registryApp();
});

it("POST /v1/admin/wipe empties the registry, changes the epoch, and says so", async () => {
  const before = under.registry.replica.epoch;
  const removed = under.registry.replica.entries.size;
  const { status, body } = await under.post("/v1/admin/wipe", { confirm: "wipe", reason: "moving house" });
  expect(status).toBe(200);
  expect(body).toEqual({
    removed,
    before: { id: before?.id, origin: before?.origin },
    epoch: { id: expect.any(String), origin: "wiped" },
    revision: expect.any(Number),
  });
  expect(under.registry.replica.epoch?.id).not.toBe(before?.id);
  expect([under.registry.catalog.servers(), under.registry.catalog.stored()]).toEqual([[], []]);
  expect(under.log.lines).toContainEqual(
    expect.objectContaining({ level: "warn", message: "registry wiped on purpose" }),
  );
  await under.registry.audit.settled();
  const { body: history } = await under.get("/v1/history");
  expect(history["entries"]).toMatchObject([{ action: "wiped", reason: "moving house", actor: "anonymous" }]);
});

it.each([undefined, {}, { confirm: "yes" }, { confirm: true }, { confirm: "wipe", force: true }, "wipe", "[]"])(
  "does nothing without the very confirmation: %j",
  async (body) => {
    const { revision } = under.registry.catalog;
    expect((await under.post("/v1/admin/wipe", body)).status).toBe(400);
    expect(under.registry.catalog.revision).toBe(revision);
    expect(under.registry.catalog.servers()).toHaveLength(3);
  },
);
