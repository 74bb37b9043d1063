import fc from "fast-check";
import { expect, test } from "vitest";
import { planChange, type PlannedChange } from "../../src/registry/plan.ts";
import type { AssignmentRule } from "../../src/registry/assignment.ts";
import { BY, liveDaemon, type RegistryDaemon } from "./registry-fixture.ts";

async function registered(assignment: AssignmentRule, count: number): Promise<RegistryDaemon> {
  const daemon = await liveDaemon({ assignment });
  for (const name of ["p1", "p2", "p3"]) await daemon.registry.registerServer({ name, labels: { env: "prod" } }, BY);
  for (let index = 0; index < count; index++) {
    await daemon.registry.registerService({ name: "s", endpoint: `http://h${index}/`, selector: "env=prod" }, BY);
  }
  return daemon;
}

async function carryOut({ registry }: RegistryDaemon, change: PlannedChange): Promise<void> {
  for (const name of change.remove ?? []) await registry.unregisterServer(name, BY);
  for (const input of change.add ?? []) await registry.registerServer(input, BY);
  for (const name of change.drain ?? []) await registry.drainServer(name, BY);
}

const prod = { labels: { env: "prod" } };
const change: fc.Arbitrary<PlannedChange> = fc.constantFrom(
  {},
  { add: [{ name: "p4", ...prod }] },
  { add: [{ name: "p0", ...prod, weight: 3 }], remove: ["p2"] },
  { remove: ["p1", "p2"] },
  { drain: ["p3"] },
  { add: [{ name: "p2" }] },
  { remove: ["p1", "p2", "p3"] },
);

test("what is planned is what then happens, and planning changes nothing", async () => {
  const rule = fc.record({
    strategy: fc.constantFrom("rendezvous" as const, "jump" as const),
    replicas: fc.integer({ min: 1, max: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(rule, change, async (rule, change) => {
      const daemon = await registered(rule, 20);
      const { catalog } = daemon;
      const before = catalog.services();
      const plan = planChange(catalog, change);
      expect(catalog.services()).toBe(before);
      await carryOut(daemon, change);
      const after = catalog.services();
      const moved = before.flatMap(({ id, servers }) => {
        const to = catalog.service("default", id)!.servers;
        return JSON.stringify(servers) === JSON.stringify(to) ? [] : [{ id, from: servers, to }];
      });
      expect(plan.moves.map(({ service, from, to }) => ({ id: service.id, from, to }))).toEqual(moved);
      expect(plan.services).toBe(20);
      expect(plan.unassigned).toBe(after.filter(({ servers }) => servers.length === 0).length);
      for (const { name, before: old, after: now } of plan.servers) {
        expect(old).toBe(before.filter(({ servers }) => servers.includes(name)).length);
        expect(now).toBe(after.filter(({ servers }) => servers.includes(name)).length);
      }
    }),
    { numRuns: 30 },
  );
});

test("a server that there is not, or cannot be, is an error", async () => {
  const { catalog } = await registered({}, 1);
  expect(() => planChange(catalog, { remove: ["p9"] })).toThrow(expect.objectContaining({ code: "not_found" }));
  expect(() => planChange(catalog, { drain: ["p9"] })).toThrow(expect.objectContaining({ code: "not_found" }));
  expect(() => planChange(catalog, { add: [{ name: "" }] })).toThrow(
    expect.objectContaining({ code: "invalid_argument" }),
  );
  const many = Array.from({ length: 101 }, (_, index) => ({ name: `x${index}` }));
  expect(() => planChange(catalog, { add: many })).toThrow("servers to add 101: expected at most 100");
  expect(planChange(catalog, { add: many.slice(1) }).servers).toHaveLength(103);
});
