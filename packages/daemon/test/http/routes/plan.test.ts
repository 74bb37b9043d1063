import { beforeEach, expect, it } from "vitest";
import { registryApp, WEB, type RegistryApp } from "./registry-requests.ts";

let under: RegistryApp;

beforeEach(async () => {
  under = await registryApp();
});

it("POST /v1/plan tells what would move, and moves nothing", async () => {
  const owner = under.registry.catalog.servicesAt(WEB)[0]?.servers[0] ?? "";
  const other = owner === "p1" ? "p2" : "p1";
  const before = [under.registry.catalog.revision, under.registry.catalog.services()];
  const { status, body } = await under.post("/v1/plan", { drain: [owner] });
  expect(status).toBe(200);
  expect(body).toEqual({
    services: 2,
    moved: 1,
    unassigned: 0,
    servers: [
      { name: "p1", before: owner === "p1" ? 1 : 0, after: owner === "p1" ? 0 : 1 },
      { name: "p2", before: owner === "p2" ? 1 : 0, after: owner === "p2" ? 0 : 1 },
      { name: "p3", before: 1, after: 1 },
    ],
    moves: [{ namespace: "default", id: expect.any(String), name: "web", endpoint: WEB, from: [owner], to: [other] }],
  });
  expect([under.registry.catalog.revision, under.registry.catalog.services()]).toEqual(before);
});

it("removes, adds and asks for other replicas", async () => {
  const removed = await under.post("/v1/plan", { remove: ["p3"] });
  expect(removed.body).toMatchObject({ moved: 1, unassigned: 1 });
  const replaced = await under.post("/v1/plan", { remove: ["p3"], add: [{ name: "p4", labels: { env: "test" } }] });
  expect(replaced.body).toMatchObject({ moved: 1, unassigned: 0, moves: [{ from: ["p3"], to: ["p4"] }] });
  const twice = await under.post("/v1/plan", { replicas: 2 });
  expect(twice.body).toMatchObject({ moved: 1, moves: [{ name: "web", to: ["p1", "p2"] }] });
  expect((await under.post("/v1/plan", {})).body).toMatchObject({ moved: 0, moves: [] });
});

it.each([
  [404, { remove: ["p9"] }],
  [404, { drain: ["p9"] }],
  [400, { replicas: 0 }],
  [400, { replicas: 1.5 }],
  [400, { replicas: "2" }],
  [400, { add: [{ name: "" }] }],
  [400, { add: [{ name: "x", state: "2" }] }],
  [400, { add: { name: "x" } }],
  [400, { remove: [1] }],
  [400, { delete: ["p1"] }],
])("%i for %j", async (status, body) => {
  const answer = await under.post("/v1/plan", body);
  expect([answer.status, answer.body]).toEqual([status, expect.objectContaining({ detail: expect.any(String) })]);
});
