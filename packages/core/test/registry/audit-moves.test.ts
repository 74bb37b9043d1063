import { expect, test } from "vitest";
import { planChange } from "../../src/registry/plan.ts";
import { BY, liveDaemon } from "./registry-fixture.ts";

const SERVICES = 20;

async function withServices(replicas = 1) {
  const daemon = await liveDaemon({ assignment: { replicas } });
  for (const name of ["a", "b"]) await daemon.registry.registerServer({ name }, BY);
  for (let index = 0; index < SERVICES; index++) {
    await daemon.registry.registerService({ name: "s", endpoint: `http://h${index}` }, BY);
  }
  await daemon.audit.settled();
  return daemon;
}

test("a change of a server that moves services says so in an entry of its own, with who and why", async () => {
  const { registry, audit, catalog } = await withServices();
  const onA = catalog.services().filter(({ servers }) => servers.includes("a")).length;
  await registry.drainServer("a", { actor: "kim", reason: "repair", origin: "10.0.0.1" });
  await audit.settled();
  expect(audit.history({ action: "assignment moved" })).toMatchObject([
    {
      kind: "server",
      name: "a",
      actor: "kim",
      reason: "repair",
      origin: "10.0.0.1",
      detail: `${onA} services moved: ${onA} from a to b`,
    },
  ]);
  await registry.unregisterServer("b", BY);
  await audit.settled();
  expect(audit.history({ action: "assignment moved" })[0]?.detail).toBe(`20 services moved: 20 from b to nobody`);
});

test("a change that moves nothing makes no such entry", async () => {
  const { registry, audit } = await withServices();
  await registry.registerServer({ name: "a", labels: { x: "y" } }, BY);
  await audit.settled();
  expect(audit.history({ action: "assignment moved" })).toEqual([]);
  expect(audit.history({ kind: "server", action: "changed" })).toHaveLength(1);
});

test("a plan with another number of replicas moves what it says", async () => {
  const { catalog } = await withServices();
  const plan = planChange(catalog, { replicas: 2 });
  expect(plan.moves).toHaveLength(SERVICES);
  expect(plan.servers).toMatchObject([
    { name: "a", after: SERVICES },
    { name: "b", after: SERVICES },
  ]);
  expect(catalog.assignment.replicas).toBe(1);
  expect(() => planChange(catalog, { replicas: 0 })).toThrow("replicas 0");
});
