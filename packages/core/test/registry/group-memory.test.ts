import fc from "fast-check";
import { expect, it } from "vitest";
import { GroupMemory } from "../../src/registry/group-memory.ts";
import { serviceTargetGroups } from "../../src/registry/service-target-groups.ts";
import { makeService } from "../../src/registry/service.ts";

const service = fc
  .record({
    host: fc.constantFrom("a", "b", "c"),
    label: fc.constantFrom("x", "y"),
    query: fc.constantFrom("", "?a.b=1"),
  })
  .map(({ host, label, query }) =>
    makeService({ name: "s", endpoint: `http://${host}/m${query}`, labels: { label } }, 0),
  );

it("what is remembered is what would be rendered, whatever changed in between", () => {
  const history = fc.array(fc.tuple(fc.array(service), fc.constantFrom("standard" as const, "blackbox" as const)));
  fc.assert(
    fc.property(fc.array(service), history, (always, steps) => {
      const memory = new GroupMemory();
      for (const [others, config] of steps) {
        const services = [...always, ...others];
        expect(serviceTargetGroups(services, config, memory)).toEqual(serviceTargetGroups(services, config));
      }
    }),
  );
});

it("a service is rendered once for each config", () => {
  const memory = new GroupMemory();
  const one = makeService({ name: "s", endpoint: "http://a" }, 0);
  const group = (config: "standard" | "blackbox") => serviceTargetGroups([one], config, memory).groups[0];
  expect(group("standard")).toBe(group("standard"));
  expect(group("blackbox")).toBe(group("blackbox"));
  expect(group("blackbox")).not.toEqual(group("standard"));
});
