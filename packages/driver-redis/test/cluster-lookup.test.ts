import { toError } from "@org/discovery-core";
import { freePort, startRedis } from "@org/discovery-test-servers";
import fc from "fast-check";
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { ClusterLookup, parseMoved, parseSlots } from "../src/cluster-lookup.ts";
import type { Endpoint } from "../src/endpoint.ts";
import { wordsOf } from "../src/redis-error.ts";

const ASKED_NODE = { host: "10.0.0.9", port: 7000 };
const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6());
const port = fc.integer({ min: 1, max: 65_535 });
const slot = fc.nat(16_383);

test("a redirection names the node, and without a host the one that was asked", () => {
  fc.assert(
    fc.property(slot, host, port, (number, name, at) => {
      expect(parseMoved(`MOVED ${number} ${name}:${at}`, ASKED_NODE)).toEqual({ host: name, port: at });
      expect(parseMoved(`MOVED ${number} :${at}`, ASKED_NODE)).toEqual({ host: ASKED_NODE.host, port: at });
    }),
  );
});

test.each([
  "",
  "MOVED",
  "MOVED 1",
  "MOVED 1 host",
  "MOVED x host:1",
  "ASK 1 host:1",
  "ERR MOVED 1 host:1",
  "MOVED 1 h:1 ",
])("%j is no redirection", (message) => expect(parseMoved(message, ASKED_NODE)).toBeUndefined());

const node = fc.tuple(host, port, fc.string(), fc.constant([]));
const ranges = fc.array(fc.tuple(slot, slot, fc.array(node, { minLength: 1, maxLength: 3 })));

test("every node of every range is learned", () => {
  fc.assert(
    fc.property(ranges, (list) => {
      const reply = list.map(([from, to, nodes]) => [from, to, ...nodes]);
      const expected = list.flatMap(([, , nodes]) => nodes.map(([name, at]) => ({ host: name, port: at })));
      expect(parseSlots(reply)).toEqual(expected);
    }),
  );
});

test("an answer of another shape teaches nothing", () => {
  fc.assert(
    fc.property(fc.anything(), (reply) => {
      expect(Array.isArray(parseSlots(reply))).toBe(true);
    }),
  );
  for (const reply of [null, "OK", [[0, 1, [null, 6379]]], [[0, 1, ["", 6379]]], [["0", "1"]]]) {
    expect(parseSlots(reply)).toEqual([]);
  }
});

function lookupAmong(ports: readonly number[]): ClusterLookup {
  const client = (at: Endpoint): Redis =>
    new Redis({ ...at, lazyConnect: true, retryStrategy: null, enableOfflineQueue: false, enableReadyCheck: false });
  return new ClusterLookup({ nodes: ports.map((at) => ({ host: "127.0.0.1", port: at })), key: "key", client });
}

test("where no node answers, each says why", async () => {
  const ports = [await freePort(), await freePort()];
  const failure: unknown = await lookupAmong(ports).find(0, new AbortController().signal).catch(toError);
  expect(wordsOf(failure)).toBe(
    ports
      .map((at) => `127.0.0.1:${at}: connect ECONNREFUSED 127.0.0.1:${at}`)
      .toSorted()
      .join("; "),
  );
});

test("a node that does not answer holds nobody up, and alone it is given up with the signal", async () => {
  const [frozen, answering] = [await startRedis(), await startRedis()];
  frozen.freeze();
  const found = await lookupAmong([frozen.port, answering.port]).find(0, AbortSignal.timeout(20_000));
  expect(found).toEqual({ host: "127.0.0.1", port: answering.port });
  const late = new AbortController();
  const alone: Promise<unknown> = lookupAmong([frozen.port]).find(0, late.signal).catch(toError);
  late.abort(new Error("late"));
  expect(wordsOf(await alone)).toBe(`127.0.0.1:${frozen.port}: late`);
  await Promise.all([frozen.stop(), answering.stop()]);
});
