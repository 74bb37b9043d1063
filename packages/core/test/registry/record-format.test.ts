import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isDiscoveryError } from "../../src/error.ts";
import { makeNamespace, namespaceFormat } from "../../src/registry/namespace.ts";
import { decodeRecord, encodeRecord } from "../../src/registry/record-format.ts";
import { makeServer, serverFormat } from "../../src/registry/server.ts";
import { makeService, serviceFormat, type ServiceInput } from "../../src/registry/service.ts";

const service = makeService({ name: "example", endpoint: "http://example.com/metrics" }, 5);
const KEY = "service/default/93c156b1-f218-5d79-88a5-219307e59d29";

/** The service as the store keeps it, with other members. */
function altered(members: object): string {
  return JSON.stringify({ ...(JSON.parse(encodeRecord(service)) as object), ...members });
}

test("a record is JSON with its version first, and its key is its identity", () => {
  expect(encodeRecord(service)).toBe(
    '{"v":1,"id":"93c156b1-f218-5d79-88a5-219307e59d29","name":"example","endpoint":"http://example.com/metrics",' +
      '"namespace":"default","labels":{},"selector":"","description":"","modified":5}',
  );
  expect(serviceFormat.key(service)).toBe(KEY);
  expect(serverFormat.key(makeServer({ name: "a" }, 0))).toBe("server/a");
  expect(namespaceFormat.key(makeNamespace({ name: "a" }, 0))).toBe("namespace/a");
});

describe("a value that cannot be used is a problem", () => {
  test.each([
    ["", "expected a JSON object with a version v"],
    ["[]", "expected a JSON object with a version v"],
    ["null", "expected a JSON object with a version v"],
    ["{}", "expected a JSON object with a version v"],
    [altered({ v: 0 }), "expected a JSON object with a version v"],
    [altered({ v: "1" }), "expected a JSON object with a version v"],
    [altered({ v: 2 }), "version 2 is newer than 1, the newest that this daemon knows"],
    [altered({ v: 2, name: 7, future: true }), "version 2 is newer"],
    [altered({ name: 7 }), "is no service: name: expected string, got 7"],
    [altered({ name: "a b" }), 'is no service: service name "a b": expected'],
    [altered({ future: true }), "is no service: future: expected never"],
    [altered({ labels: [] }), "is no service: labels"],
    [altered({ labels: { "a-b": "c" } }), 'is no service: label name "a-b"'],
    [altered({ selector: "a in" }), 'is no service: selector "a in"'],
    [altered({ endpoint: "http://other/" }), "is no service: service id"],
    [altered({ ttlSeconds: 0 }), "is no service: ttl 0"],
    [altered({ modified: -1 }), "is no service: modified"],
    [altered({ namespace: "other" }), "its content belongs at service/other/93c156b1-f218-5d79-88a5-219307e59d29"],
  ])("%s", (value, reason) => {
    const decoded = decodeRecord(serviceFormat, KEY, value);
    expect(decoded).toEqual({ problem: { key: KEY, reason: expect.stringContaining(reason) as string } });
  });

  test("whatever the bytes", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (value) => {
        expect(decodeRecord(serverFormat, "server/a", value)).toHaveProperty("problem");
      }),
    );
  });
});

const name = fc.stringMatching(/^[a-zA-Z0-9_-]{1,20}$/);
const labelName = fc.oneof(
  fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,10}$/),
  fc.constantFrom("__proto__", "constructor"),
);
const labels = fc
  .array(fc.tuple(labelName, fc.stringMatching(/^[^\p{C}]{1,10}$/u)), { maxLength: 5 })
  .map((pairs) => Object.fromEntries(pairs));
const input: fc.Arbitrary<ServiceInput> = fc.record(
  {
    name,
    endpoint: fc.webUrl({ withQueryParameters: true }).filter((url) => !/%(?![0-9a-f]{2})|@/i.test(url)),
    namespace: name,
    labels,
    selector: fc.constantFrom("", "a=b", "a in (b,c),!d", " x > 5 "),
    description: fc.string(),
    ttlSeconds: fc.integer({ min: 1, max: 1000 }),
  },
  { requiredKeys: ["name", "endpoint"] },
);

test("what was made is read back as it was, labels sorted, __proto__ a label like any other", () => {
  fc.assert(
    fc.property(input, fc.nat(), (input, modified) => {
      let made;
      try {
        made = makeService(input, modified);
      } catch (error) {
        if (isDiscoveryError(error, "invalid_argument")) return;
        throw error;
      }
      const value = encodeRecord(made);
      const decoded = decodeRecord(serviceFormat, serviceFormat.key(made), value);
      expect(decoded).toEqual({ record: made });
      expect("record" in decoded && encodeRecord(decoded.record)).toBe(value);
    }),
    { numRuns: 500 },
  );
});

test("servers and namespaces too", () => {
  const server = {
    ...makeServer({ name: "prom1.example.com", labels: { b: "2", a: "1" }, weight: 2.5 }, 7),
    state: "leaving",
  };
  expect(decodeRecord(serverFormat, "server/prom1.example.com", encodeRecord(server))).toEqual({ record: server });
  const namespace = makeNamespace({ name: "bb", export: "blackbox" }, 7);
  expect(decodeRecord(namespaceFormat, "namespace/bb", encodeRecord(namespace))).toEqual({ record: namespace });
});
