import * as fc from "fast-check";
import { expect, test } from "vitest";
import { hostTargetGroups } from "../src/host-target-groups.ts";
import { parseSelector } from "../src/selector/selector.ts";
import { expectPrometheusTakes } from "./prometheus-decoding.ts";

function labelsOf(...labels: string[]): Readonly<Record<string, string>> | undefined {
  const { __meta_discovery_hostname: hostname, ...rest } =
    hostTargetGroups([{ hostname: "a", labels }]).groups[0]?.labels ?? {};
  expect(hostname).toBe("a");
  return rest;
}

test("a host becomes a group with its hostname and labels", () => {
  const hosts = [{ hostname: "smtp.example.com", labels: ["service:smtp", "public_ip6:2a03::1"] }];
  expect(hostTargetGroups(hosts, { port: 9100 }).groups).toEqual([
    {
      targets: ["smtp.example.com:9100"],
      labels: {
        __meta_discovery_hostname: "smtp.example.com",
        __meta_discovery_label_public_ip6: "2a03::1",
        __meta_discovery_label_service: "smtp",
      },
    },
  ]);
});

test("targets", () => {
  const targets = (hostname: string, port?: number): readonly string[] | undefined =>
    hostTargetGroups([{ hostname, labels: [] }], port === undefined ? {} : { port }).groups[0]?.targets;
  expect(targets("a")).toEqual(["a"]);
  expect(targets("2a03::1")).toEqual(["[2a03::1]"]);
  expect(targets("2a03::1", 80)).toEqual(["[2a03::1]:80"]);
  expect(targets("a:1234", 80)).toEqual(["a:1234"]);
});

test("several values of one key are joined, sorted, each once; a single one stands plain", () => {
  expect(labelsOf("service:smtp", "service:imap", "service:imap")).toEqual({
    __meta_discovery_label_service: "imap,smtp",
  });
  expect(labelsOf("a-b:2", "a.b:1")).toEqual({ __meta_discovery_label_a_b: "1,2" });
});

test("a label without a colon is true; an empty value is no label", () => {
  expect(labelsOf("canary", "empty:")).toEqual({ __meta_discovery_label_canary: "true" });
  expect(labelsOf("x", "x:y", "x:")).toEqual({ __meta_discovery_label_x: "true,y" });
});

test("the selector chooses the hosts", () => {
  const hosts = [
    { hostname: "b", labels: ["service:imap", "service:smtp"] },
    { hostname: "a", labels: ["service:smtp"] },
    { hostname: "c", labels: ["service:dns"] },
  ];
  const { groups } = hostTargetGroups(hosts, { selector: parseSelector("service=smtp") });
  expect(groups.map(({ targets }) => targets[0])).toEqual(["a", "b"]);
});

test("what cannot be rendered is left out and reported", () => {
  const hosts = [
    { hostname: "a/b", labels: [] },
    { hostname: "a", labels: ["x:\ud800", "y:1"] },
  ];
  expect(hostTargetGroups(hosts)).toEqual({
    groups: [{ targets: ["a"], labels: { __meta_discovery_hostname: "a", __meta_discovery_label_y: "1" } }],
    omissions: [
      { hostname: "a/b", label: undefined, reason: "expected a hostname that Prometheus can use as a target" },
      { hostname: "a", label: "x:\ud800", reason: "expected valid Unicode" },
    ],
  });
});

test("an illegal port is an invalid_argument", () => {
  expect(() => hostTargetGroups([], { port: 70_000 })).toThrow(expect.objectContaining({ code: "invalid_argument" }));
});

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.string({ unit: fc.constantFrom("a", ":", "-", "\ud800", "_", "😀"), maxLength: 8 }),
  fc.constantFrom("__proto__:x", "__proto__", "constructor:1"),
);
const host = fc.record({ hostname: fc.oneof(fc.domain(), text), labels: fc.array(text, { maxLength: 6 }) });

test("whatever the hosts carry, Prometheus takes the answer, and it does not depend on any order", () => {
  fc.assert(
    fc.property(fc.array(host, { maxLength: 5 }), (hosts) => {
      const { groups } = hostTargetGroups(hosts, { port: 80 });
      expectPrometheusTakes(groups);
      const reversed = hosts.map((one) => ({ ...one, labels: one.labels.toReversed() })).toReversed();
      expect(JSON.stringify(hostTargetGroups(reversed, { port: 80 }).groups)).toBe(JSON.stringify(groups));
    }),
    { numRuns: 1_000 },
  );
});
