import fc from "fast-check";
import { expect, test } from "vitest";
import { sleep } from "../../src/clock.ts";
import { isDiscoveryError } from "../../src/error.ts";
import type { Registry } from "../../src/registry/registry.ts";
import { VirtualClock } from "../../src/virtual-clock.ts";
import { MemoryBackend } from "./memory-backend.ts";
import { BY, newDaemon, type RegistryDaemon } from "./registry-fixture.ts";

const ENDPOINTS = ["http://a/", "http://b/"];
const NAMESPACES = ["default", "n"];

type Command =
  | {
      readonly do: "register" | "unregister";
      readonly endpoint: string;
      readonly namespace: string;
      readonly name: string;
    }
  | { readonly do: "namespace" | "no-namespace" }
  | { readonly do: "drain" | "activate" | "server" };

const service = fc.record({
  do: fc.constantFrom("register" as const, "register" as const, "unregister" as const),
  endpoint: fc.constantFrom(...ENDPOINTS),
  namespace: fc.constantFrom(...NAMESPACES),
  name: fc.constantFrom("x", "y", "z"),
});
const other = fc.record({ do: fc.constantFrom("namespace" as const, "no-namespace" as const) });
const server = fc.record({ do: fc.constantFrom("drain" as const, "activate" as const, "server" as const) });
const command: fc.Arbitrary<Command> = fc.oneof({ arbitrary: service, weight: 4 }, other, server);

function run(registry: Registry, command: Command): Promise<unknown> {
  switch (command.do) {
    case "register":
      return registry.registerService({ ...command, selector: "" }, BY);
    case "unregister":
      return registry.unregisterService({ namespace: command.namespace, service: command.endpoint }, BY);
    case "namespace":
      return registry.registerNamespace({ name: "n" }, BY);
    case "no-namespace":
      return registry.unregisterNamespace("n", BY);
    case "server":
      return registry.registerServer({ name: "p" }, BY);
    default:
      return command.do === "drain" ? registry.drainServer("p", BY) : registry.activateServer("p", BY);
  }
}

/** What one daemon was told about a key, last. */
interface Outcome {
  readonly command: Command;
  readonly failure: string | undefined;
}

async function runAll(daemon: RegistryDaemon, commands: readonly Command[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const command of commands) {
    try {
      await run(daemon.registry, command);
      outcomes.push({ command, failure: undefined });
    } catch (error) {
      if (!isDiscoveryError(error)) throw error;
      outcomes.push({ command, failure: error.code });
    }
  }
  return outcomes;
}

const shown = ({ catalog }: RegistryDaemon): unknown => [catalog.servers(), catalog.namespaces(), catalog.stored()];

test("whatever two daemons do at once, in whatever order it arrives, both show the same, and it is what was acknowledged", async () => {
  const scripts = fc.array(command, { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), scripts, scripts, async (scheduler, first, second) => {
      const clock = new VirtualClock();
      const backend = new MemoryBackend(() => scheduler.schedule(Promise.resolve()));
      const daemons = [await newDaemon({ backend, clock }), await newDaemon({ backend, clock })] as const;
      await scheduler.waitIdle();
      const started = daemons[0].registry.registerServer({ name: "p" }, BY);
      await scheduler.waitFor(started);
      await scheduler.waitIdle();
      const both = Promise.all([runAll(daemons[0], first), runAll(daemons[1], second)]);
      const outcomes = await scheduler.waitFor(both);
      await scheduler.waitIdle();
      // Nothing but what is there or not there may fail: races are won in the end.
      for (const { failure } of outcomes.flat()) expect([undefined, "not_found"]).toContain(failure);
      expect(shown(daemons[0])).toEqual(shown(daemons[1]));
      const late = await newDaemon({ backend, clock });
      await scheduler.waitIdle();
      expect(shown(late)).toEqual(shown(daemons[0]));
      checkServices(outcomes, late);
    }),
    { numRuns: 300 },
  );
});

/** A service is there with a name that somebody was promised, and not there if nobody was. */
function checkServices(outcomes: readonly Outcome[][], { catalog }: RegistryDaemon): void {
  const done = outcomes.flat().filter(({ failure }) => failure === undefined);
  const isRemoved = done.some(({ command }) => command.do === "no-namespace");
  for (const endpoint of ENDPOINTS) {
    for (const namespace of NAMESPACES) {
      const about = done
        .map(({ command }) => command)
        .filter((command) => "endpoint" in command && command.endpoint === endpoint && command.namespace === namespace);
      const names = about.flatMap((command) => (command.do === "register" && "name" in command ? [command.name] : []));
      const found = catalog.servicesAt(endpoint).find((each) => each.namespace === namespace);
      if (found !== undefined) expect(names).toContain(found.name);
      const isSafe = !about.some((command) => command.do === "unregister") && !(namespace === "n" && isRemoved);
      if (names.length > 0 && isSafe) expect(found).toBeDefined();
      // Served or gone: no service is left behind in a namespace that is not there.
      if (found !== undefined) expect(catalog.isServed(found)).toBe(true);
    }
  }
}

test("a service that is unregistered while servers change does not come back", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(server, { maxLength: 5 }), async (scheduler, changes) => {
      const clock = new VirtualClock();
      const backend = new MemoryBackend(() => scheduler.schedule(Promise.resolve()));
      const daemons = [await newDaemon({ backend, clock }), await newDaemon({ backend, clock })] as const;
      await scheduler.waitIdle();
      await scheduler.waitFor(daemons[0].registry.registerServer({ name: "p" }, BY));
      await scheduler.waitFor(daemons[0].registry.registerService({ name: "s", endpoint: "http://a/" }, BY));
      await scheduler.waitIdle();
      const removed = daemons[0].registry.unregisterService({ service: "http://a/" }, BY);
      const [, outcomes] = await scheduler.waitFor(Promise.all([removed, runAll(daemons[1], changes)]));
      await scheduler.waitIdle();
      expect(outcomes.every(({ failure }) => failure === undefined)).toBe(true);
      for (const { catalog } of daemons) expect(catalog.stored()).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test("two daemons that change one service at once: one wins, the other goes on top of it", async () => {
  const clock = new VirtualClock();
  const backend = new MemoryBackend();
  const [one, two] = [await newDaemon({ backend, clock }), await newDaemon({ backend, clock })];
  await clock.advance(0);
  await one.registry.registerServer({ name: "p" }, BY);
  await clock.advance(0);
  const input = { endpoint: "http://a/" };
  const both = await Promise.all([
    one.registry.registerService({ ...input, name: "one" }, BY),
    two.registry.registerService({ ...input, name: "two" }, BY),
  ]);
  await clock.advance(0);
  expect(both.map(({ name }) => name)).toEqual(["one", "two"]);
  expect(one.catalog.services()).toEqual(two.catalog.services());
  await one.audit.settled();
  await two.audit.settled();
  await clock.advance(0);
  const actions = one.audit.history({ kind: "service" }).map(({ action }) => action);
  expect(actions.toSorted()).toEqual(["changed", "registered"]);
});

test("sixty that change one service at once all succeed, each on top of the one before", async () => {
  const clock = new VirtualClock();
  const backend = new MemoryBackend(() => sleep(clock, 5));
  const daemons = [await newDaemon({ backend, clock }), await newDaemon({ backend, clock })] as const;
  await clock.advance(100);
  const server = daemons[0].registry.registerServer({ name: "p" }, BY);
  await clock.advance(100);
  await server;
  const names = Array.from({ length: 60 }, (_, index) => `n${index}`);
  const all = Promise.allSettled(
    names.map((name, index) => daemons[index % 2]!.registry.registerService({ name, endpoint: "http://a/" }, BY)),
  );
  await clock.advance(60_000);
  expect((await all).filter(({ status }) => status === "rejected")).toEqual([]);
  const [left, right] = daemons.map(({ catalog }) => catalog.services());
  expect(left).toEqual(right);
  // What one write replaced is what the write before it made.
  const entries = daemons[0].audit.history({ kind: "service", limit: 100 });
  const replaced = entries.map(({ before }) => (before as { name: string } | undefined)?.name ?? "nothing");
  expect(new Set(replaced)).toEqual(new Set(["nothing", ...names.filter((name) => name !== left?.[0]?.name)]));
  expect(replaced).toHaveLength(names.length);
});
