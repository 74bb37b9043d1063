import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lobbyTargetGroups } from "../src/lobby-target-groups.ts";
import type { TargetGroup } from "../src/target-group.ts";
import { expectPrometheusTakes } from "./prometheus-decoding.ts";

const NAME = "node";

function render(...settings: string[]): TargetGroup | undefined {
  const labels = settings.map((setting) => `prometheus:${NAME}${setting}`);
  return lobbyTargetGroups([{ hostname: "srv1.example.com", labels }], NAME, 9100).groups[0];
}

test("the example of the seed document", () => {
  expect(render(":host:192.168.1.1", ":port:9100", ":location:prague")).toEqual({
    targets: ["192.168.1.1:9100"],
    labels: { location: "prague" },
  });
});

describe("targets", () => {
  test.each([
    ["bare label: hostname and default port", [""], ["srv1.example.com:9100"]],
    ["port", [":port:8080"], ["srv1.example.com:8080"]],
    ["port - omits it", [":port:-"], ["srv1.example.com"]],
    ["a label alone, without host", [":location:prague"], ["srv1.example.com:9100"]],
    ["several hosts, sorted, each once", [":host:b", ":host:a", ":host:a:9100"], ["a:9100", "b:9100"]],
    ["a host with its own port keeps it", [":host:a:1234", ":host:b", ":port:8080"], ["a:1234", "b:8080"]],
    ["its own port also where the port is omitted", [":host:a:1234", ":host:b", ":port:-"], ["a:1234", "b"]],
    ["a bare IPv6 host is bracketed", [":host:2a03::1"], ["[2a03::1]:9100"]],
    ["also without a port", [":host:2a03::1", ":port:-"], ["[2a03::1]"]],
    ["an IPv6 host with its own port", [":host:[2a03::1]:1234"], ["[2a03::1]:1234"]],
    ["of several ports the last in byte order", [":port:9200", ":port:-", ":port:9100"], ["srv1.example.com:9200"]],
  ])("%s", (_, settings, targets) => {
    expect(render(...settings)?.targets).toEqual(targets);
  });
});

describe("labels", () => {
  test("a value keeps its colons", () => {
    expect(render(":url:http://a:1/x")?.labels).toEqual({ url: "http://a:1/x" });
  });

  test("names are sorted, and __proto__ and constructor are names like any other", () => {
    const group = render(":z:1", ":__proto__:2", ":constructor:3", ":a:4");
    expect(JSON.stringify(group?.labels)).toBe('{"__proto__":"2","a":"4","constructor":"3","z":"1"}');
  });

  test("of two values the last in byte order, in whatever order they came", () => {
    expect(render(":a:1", ":a:2")?.labels).toEqual({ a: "2" });
    expect(render(":a:2", ":a:1")?.labels).toEqual({ a: "2" });
  });
});

describe("who is exported", () => {
  test.each([
    [["service:smtp"], 0],
    [["prometheus"], 0],
    [["prometheus:"], 0],
    [["prometheus:nodes"], 0],
    [["prometheus:nodes:port:1"], 0],
    [["Prometheus:node"], 0],
    [["prometheus:node"], 1],
    [["prometheus:node:"], 1],
    [["prometheus:node", "prometheus:other:port:1"], 1],
  ])("%j: %i groups", (labels, count) => {
    expect(lobbyTargetGroups([{ hostname: "a", labels }], NAME, 9100).groups).toHaveLength(count);
  });

  test("a name with a colon names nothing", () => {
    const hosts = [{ hostname: "a", labels: ["prometheus:node:port:1"] }];
    expect(lobbyTargetGroups(hosts, "node:port", 9100).groups).toEqual([]);
  });

  test("one group for each host, sorted", () => {
    const hosts = ["c", "a", "b"].map((hostname) => ({ hostname, labels: ["prometheus:node"] }));
    expect(lobbyTargetGroups(hosts, NAME, 9100).groups.map(({ targets }) => targets)).toEqual([
      ["a:9100"],
      ["b:9100"],
      ["c:9100"],
    ]);
  });
});

describe("faults are left out and reported, and the host stays", () => {
  test.each([
    ["port:abc", 'expected a port (1 to 65535) or "-", got "abc"'],
    ["port:70000", 'expected a port (1 to 65535) or "-", got "70000"'],
    ["port:0", 'expected a port (1 to 65535) or "-", got "0"'],
    ["port", 'expected a value after key "port"'],
    ["host:http://a/", 'expected a host, got "http://a/"'],
    ["host:a:99999", 'expected a host, got "a:99999"'],
    ["my-label:x", 'expected a Prometheus label name, got "my-label"'],
    ["1st:x", 'expected a Prometheus label name, got "1st"'],
    [":x", 'expected a Prometheus label name, got ""'],
    ["location:", 'expected a value after key "location"'],
    ["location:\ud800", "expected valid Unicode"],
  ])("%j", (setting, reason) => {
    const label = `prometheus:node:${setting}`;
    const { groups, omissions } = lobbyTargetGroups([{ hostname: "a", labels: [label] }], NAME, 9100);
    expect(groups).toEqual([{ targets: ["a:9100"], labels: {} }]);
    expect(omissions).toEqual([{ hostname: "a", label, reason }]);
  });

  test("a bad port does not undo a good one", () => {
    expect(render(":port:8080", ":port:abc")?.targets).toEqual(["srv1.example.com:8080"]);
  });

  test("a hostname that can be no target has no group, unless a host label gives one", () => {
    const bare = lobbyTargetGroups([{ hostname: "a b", labels: ["prometheus:node"] }], NAME, 9100);
    expect(bare.groups).toEqual([]);
    expect(bare.omissions).toEqual([
      { hostname: "a b", label: undefined, reason: "expected a hostname that Prometheus can use as a target" },
    ]);
    const named = lobbyTargetGroups([{ hostname: "a b", labels: ["prometheus:node:host:ok"] }], NAME, 9100);
    expect(named).toEqual({ groups: [{ targets: ["ok:9100"], labels: {} }], omissions: [] });
  });
});

test.each([0, 70_000, 1.5, Number.NaN])("default port %s is an invalid_argument", (port) => {
  expect(() => lobbyTargetGroups([], NAME, port)).toThrow(expect.objectContaining({ code: "invalid_argument" }));
});

const word = fc.oneof(
  fc.constantFrom(
    "",
    "port",
    "host",
    "__proto__",
    "a",
    "a-b",
    "-",
    "9100",
    "70000",
    "2a03::1",
    "[::1]:1",
    "x:1",
    "a/b",
  ),
  fc.string({ unit: "binary", maxLength: 6 }),
);
const label = fc.oneof(
  fc
    .tuple(fc.constantFrom("prometheus:node", "prometheus:node:", "prometheus", "x"), word, word)
    .map((parts) => parts.join(":")),
  fc.tuple(word, word).map(([key, value]) => `prometheus:node:${key}:${value}`),
);
const host = fc.record({ hostname: fc.oneof(fc.domain(), word), labels: fc.array(label, { maxLength: 6 }) });

test("whatever the hosts carry, Prometheus takes the answer, and it does not depend on any order", () => {
  fc.assert(
    fc.property(fc.array(host, { maxLength: 5 }), (hosts) => {
      const { groups } = lobbyTargetGroups(hosts, NAME, 9100);
      expectPrometheusTakes(groups);
      const reversed = hosts.map((one) => ({ ...one, labels: one.labels.toReversed() })).toReversed();
      expect(JSON.stringify(lobbyTargetGroups(reversed, NAME, 9100).groups)).toBe(JSON.stringify(groups));
    }),
    { numRuns: 1_000 },
  );
});
