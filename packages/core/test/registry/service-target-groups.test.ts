import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isDiscoveryError } from "../../src/error.ts";
import { serviceTargetGroups, targetGroups } from "../../src/registry/service-target-groups.ts";
import { makeService, type Service, type ServiceInput } from "../../src/registry/service.ts";
import { expectPrometheusTakes } from "../prometheus-decoding.ts";
import { BY, liveDaemon } from "./registry-fixture.ts";

const service = (endpoint: string, members: Partial<ServiceInput> = {}): Service =>
  makeService({ name: "job", endpoint, ...members }, 0);

describe("standard", () => {
  test("the original's documented answer", () => {
    const labels = { label2: "value2", label1: "value1" };
    const { groups } = serviceTargetGroups(
      [service("http://example.com/metrics", { name: "example", labels })],
      "standard",
    );
    expect(JSON.stringify(groups)).toBe(
      '[{"targets":["example.com"],"labels":{"__metrics_path__":"/metrics","__scheme__":"http","instance":"example.com",' +
        '"job":"example","label1":"value1","label2":"value2"}}]',
    );
  });

  test.each([
    ["https://a:443/m/", "a:443", { __scheme__: "https", __metrics_path__: "/m" }],
    ["http://a", "a", { __metrics_path__: "" }],
    ["http://a/", "a", { __metrics_path__: "" }],
    ["http://[2A03::1]:80/b%20c", "[2a03::1]:80", { __metrics_path__: "/b c", instance: "[2a03::1]:80" }],
    ["http://a/p?target=x&target=y&module=", "a", { __param_target: "x", __param_module: "" }],
  ])("%s", (endpoint, target, labels) => {
    const [group] = serviceTargetGroups([service(endpoint)], "standard").groups;
    expect(group?.targets).toEqual([target]);
    expect(group?.labels).toMatchObject(labels);
  });

  test("the service's own labels go on top", () => {
    const labels = { job: "mine", instance: "there", __scheme__: "https", __proto__x: "p" };
    const [group] = serviceTargetGroups([service("http://a/m?x=1", { labels })], "standard").groups;
    expect(group).toEqual({ targets: ["a"], labels: { ...labels, __metrics_path__: "/m", __param_x: "1" } });
  });

  test("a parameter that makes no label name is left out and reported", () => {
    const federate = service("http://a/federate?match%5B%5D=up&x=1");
    const { groups, omissions } = serviceTargetGroups([federate], "standard");
    expect(Object.keys(groups[0]!.labels)).not.toContain("__param_match[]");
    expect(groups[0]!.labels).toMatchObject({ __param_x: "1" });
    expect(omissions).toEqual([
      {
        namespace: "default",
        id: federate.id,
        label: "__param_match[]",
        reason: "expected a query parameter that makes a Prometheus label name",
      },
    ]);
  });
});

test("blackbox is the endpoint with the service's labels only", () => {
  const { groups } = serviceTargetGroups(
    [service("http://b.example.com?x=1"), service("tcp://a", { labels: { l: "v" } })],
    "blackbox",
  );
  expect(groups).toEqual([
    { targets: ["http://b.example.com?x=1"], labels: {} },
    { targets: ["tcp://a"], labels: { l: "v" } },
  ]);
});

test("disabled is nothing", () => {
  expect(serviceTargetGroups([service("http://a")], "disabled").groups).toEqual([]);
});

test("whatever is registered, Prometheus takes the answer, and it does not depend on any order", () => {
  const piece = fc.constantFrom("a", "[]", "%41", "=", "&", "ü", "/", "_", "1", "-", "%ff", "+", "__proto__");
  const text = fc.array(piece, { maxLength: 6 }).map((parts) => parts.join(""));
  const endpoint = fc.tuple(fc.constantFrom("http://a", "http://[::1]:1", "https://ü.example:2"), text, text);
  fc.assert(
    fc.property(fc.array(endpoint, { maxLength: 5 }), (parts) => {
      const services = parts.flatMap(([base, path, query]) => {
        try {
          return [service(`${base}/${path}?${query}`)];
        } catch (error) {
          if (isDiscoveryError(error, "invalid_argument")) return [];
          throw error;
        }
      });
      const { groups } = serviceTargetGroups(services, "standard");
      expect(groups).toHaveLength(services.length);
      expectPrometheusTakes(groups);
      expect(serviceTargetGroups(services.toReversed(), "standard").groups).toEqual(groups);
    }),
    { numRuns: 1_000 },
  );
});

describe("what one Prometheus asks for", () => {
  const every = (): boolean => true;

  async function registered() {
    const daemon = await liveDaemon();
    const { registry, catalog } = daemon;
    await registry.registerServer({ name: "p1", labels: { env: "prod" } }, BY);
    await registry.registerServer({ name: "p2", labels: { env: "test" } }, BY);
    await registry.registerNamespace({ name: "default-blackbox", export: "blackbox" }, BY);
    await registry.registerNamespace({ name: "off", export: "disabled" }, BY);
    await registry.registerService({ name: "a", endpoint: "http://a/m", selector: "env=prod" }, BY);
    await registry.registerService({ name: "b", endpoint: "http://b/m", selector: "env=test" }, BY);
    await registry.registerService({ name: "c", endpoint: "http://c", namespace: "default-blackbox" }, BY);
    await registry.registerService({ name: "d", endpoint: "http://d", namespace: "off" }, BY);
    return {
      targets: (namespace: string, server: (name: string) => boolean = every, config?: "standard" | "blackbox") =>
        targetGroups(
          catalog,
          config === undefined ? { namespace, server } : { namespace, server, config },
        ).groups.flatMap(({ targets }) => targets),
    };
  }

  test("its own services, in the namespace's own config or another one", async () => {
    const { targets } = await registered();
    expect(targets("default", (name) => name === "p1")).toEqual(["a"]);
    expect(targets("default")).toEqual(["a", "b"]);
    expect(targets("default", (name) => name === "p9")).toEqual([]);
    expect(targets("default-blackbox")).toEqual(["http://c"]);
    expect(targets("default-blackbox", every, "standard")).toEqual(["c"]);
    expect(targets("off")).toEqual([]);
    expect(targets("off", every, "standard")).toEqual(["d"]);
    expect(targets("unknown")).toEqual([]);
  });
});
