import { VirtualClock } from "@org/discovery-core";
import { freePort, waitUntil } from "@org/discovery-test-servers";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { Notifier } from "../../src/callback/notifier.ts";
import { signWebhook } from "../../src/webhook/signature.ts";
import { startWebhook, type DeliveryResult, type WebhookOptions } from "../../src/webhook/webhook.ts";
import { KnownHosts } from "../callback/known-hosts.ts";
import { RecordingLog } from "../recording-log.ts";
import { answer, Receiver, silence } from "./receiver.ts";

/** The network is real, the time is ours. */
let clock: VirtualClock;
let log: RecordingLog;
let known: KnownHosts;
let receiver: Receiver;
let results: DeliveryResult[];

beforeEach(async () => {
  clock = new VirtualClock();
  log = new RecordingLog();
  known = new KnownHosts();
  receiver = await Receiver.start();
  results = [];
});

function start(options: Partial<WebhookOptions> = {}): Notifier {
  let seed = 0;
  const webhook = startWebhook({
    clock,
    log,
    random: () => (seed = (seed + 0.137) % 1),
    rule: { firstRunDelayMs: 0, cooldownMs: 1000, minWaitMs: 100, maxWaitMs: 400 },
    url: options.url ?? receiver.url("/hooks/s3cret?key=s3cret"),
    number: 1,
    keys: [],
    timeoutMs: 5000,
    hosts: known.list,
    onDelivery: (result) => results.push(result),
    ...options,
  });
  known.onChange((change) => webhook.changed(change));
  onTestFinished(() => webhook.close());
  return webhook;
}

async function ended(...expected: readonly DeliveryResult[]): Promise<void> {
  await waitUntil(`${expected.length} attempts have ended`, () => results.length >= expected.length);
  expect(results).toEqual(expected);
}

/** Long enough for whatever would be sent now to arrive. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 100));
}

describe("startWebhook", () => {
  it("posts the changes and all hosts, gathered and then no sooner than the cooldown", async () => {
    start();
    known.set("b", "x");
    await clock.advance(99);
    known.set("a");
    await clock.advance(100);
    await ended("success");
    expect(receiver.requests).toHaveLength(1);
    expect(receiver.requests[0]).toMatchObject({ method: "POST", path: "/hooks/s3cret?key=s3cret" });
    expect(receiver.header(0, "content-type")).toBe("application/json");
    expect(receiver.header(0, "webhook-signature")).toBe("undefined");
    expect(JSON.parse(receiver.requests[0]?.body ?? "")).toEqual({
      changes: [
        { hostname: "a", reason: "joined" },
        { hostname: "b", reason: "joined" },
      ],
      hosts: [
        { hostname: "a", labels: [], last_check: 1_700_000_000 },
        { hostname: "b", labels: ["x"], last_check: 1_700_000_000 },
      ],
    });
    known.remove("b", "expired");
    await clock.advance(999);
    await settle();
    expect(receiver.requests).toHaveLength(1);
    await clock.advance(1);
    await ended("success", "success");
    expect(receiver.told(1)).toBe("b expired: a");
    expect(receiver.header(1, "webhook-id")).not.toBe(receiver.header(0, "webhook-id"));
    expect(log.at("warn")).toEqual([]);
  });

  it("signs with each secret what a receiver gets", async () => {
    const keys = [Buffer.from("the new secret, longer"), Buffer.from("the old secret, longer")];
    start({ keys });
    known.set("ä");
    await clock.advance(100);
    await ended("success");
    const [id, timestamp, body] = [
      receiver.header(0, "webhook-id"),
      Number(receiver.header(0, "webhook-timestamp")),
      receiver.requests[0]?.body ?? "",
    ];
    expect(id).toMatch(/^msg_[\w-]{11}$/);
    expect(timestamp).toBe(Math.floor(clock.now() / 1000));
    expect(receiver.header(0, "webhook-signature")).toBe(signWebhook(keys, { id, timestamp, body }));
  });

  it("tries again with the same id and a new time, later and later", async () => {
    receiver.answers = [answer(500), answer(429), answer(408), answer(200)];
    start({ keys: [Buffer.from("a secret of some length")] });
    known.set("a");
    await clock.advance(100);
    await ended("failure");
    await clock.advance(499);
    await settle();
    expect(receiver.requests).toHaveLength(1);
    await clock.advance(501);
    await ended("failure", "failure");
    await clock.advance(2000);
    await ended("failure", "failure", "failure");
    await clock.advance(4000);
    await ended("failure", "failure", "failure", "success");
    const all = [0, 1, 2, 3];
    expect(new Set(all.map((index) => receiver.header(index, "webhook-id"))).size).toBe(1);
    expect(new Set(all.map((index) => receiver.requests[index]?.body)).size).toBe(1);
    const times = all.map((index) => Number(receiver.header(index, "webhook-timestamp")));
    expect(times).toEqual(times.toSorted((left, right) => left - right));
    expect(receiver.header(3, "webhook-timestamp")).not.toBe(receiver.header(0, "webhook-timestamp"));
    expect(receiver.header(3, "webhook-signature")).not.toBe(receiver.header(0, "webhook-signature"));
    await clock.advance(1_000_000);
    await settle();
    expect(receiver.requests).toHaveLength(4);
  });

  it("sends the newest state with the next attempt, under a new id, and everything once", async () => {
    receiver.answers = [answer(503), answer(503), answer(200)];
    start();
    known.set("a");
    known.set("b");
    await clock.advance(100);
    await ended("failure");
    known.set("c");
    known.remove("b", "left");
    await clock.advance(1000);
    await ended("failure", "failure");
    await clock.advance(2000);
    await ended("failure", "failure", "success");
    expect([receiver.told(0), receiver.told(1), receiver.told(2)]).toEqual([
      "a joined, b joined: a, b",
      "a joined, c joined: a, c",
      "a joined, c joined: a, c",
    ]);
    const ids = [0, 1, 2].map((index) => receiver.header(index, "webhook-id"));
    expect(ids[1]).not.toBe(ids[0]);
    expect(ids[2]).toBe(ids[1]);
    await clock.advance(1_000_000);
    await settle();
    expect(receiver.requests).toHaveLength(3);
    expect(clock.pending).toBe(0);
  });

  it("sends afterwards what changed during an attempt that was taken", async () => {
    let respond = (): void => {};
    receiver.answers = [(response) => (respond = () => void response.end()), answer(200)];
    start();
    known.set("a");
    await clock.advance(100);
    await waitUntil("it was sent", () => receiver.requests.length === 1);
    known.set("b");
    await clock.advance(2000);
    expect(receiver.requests).toHaveLength(1);
    respond();
    await ended("success");
    await clock.advance(1000);
    await ended("success", "success");
    expect([receiver.told(0), receiver.told(1)]).toEqual(["a joined: a", "b joined: a, b"]);
  });

  it("waits as long as the receiver asks", async () => {
    receiver.answers = [answer(503, { "retry-after": "120" }), answer(200)];
    start();
    known.set("a");
    await clock.advance(100);
    await ended("failure");
    await clock.advance(119_999);
    await settle();
    expect(receiver.requests).toHaveLength(1);
    await clock.advance(1);
    await ended("failure", "success");
  });

  it.each([301, 308, 400, 404, 410])(
    "does not repeat what %i refuses, but tells it with the next change",
    async (status) => {
      receiver.answers = [answer(status, { location: receiver.url("/elsewhere").href }), answer(200)];
      start();
      known.set("a");
      await clock.advance(100);
      await ended("rejected");
      await clock.advance(1_000_000);
      await settle();
      expect(receiver.requests).toHaveLength(1);
      known.set("b");
      await clock.advance(100);
      await ended("rejected", "success");
      expect(receiver.told(1)).toBe("a joined, b joined: a, b");
    },
  );

  it("gives up an attempt that takes too long, and tries again", async () => {
    receiver.answers = [silence, answer(200)];
    start();
    known.set("a");
    await clock.advance(100);
    await waitUntil("it was sent", () => receiver.requests.length === 1);
    await clock.advance(5000);
    await ended("timeout");
    await clock.advance(1000);
    await ended("timeout", "success");
  });

  it("delivers once a receiver is there that was not", async () => {
    const port = await freePort();
    receiver = await Receiver.start(port);
    const url = receiver.url();
    await receiver.stop();
    start({ url, number: 7 });
    known.set("a");
    await clock.advance(100);
    await ended("failure");
    await receiver.listen(port);
    await clock.advance(1000);
    await ended("failure", "success");
  });

  it("logs what happened, and of the URL nothing but the origin", async () => {
    receiver.answers = [answer(500, {}, "no room"), answer(200)];
    const url = receiver.url("/hooks/s3cret?key=s3cret");
    url.password = "s3cret";
    start({ url, keys: [Buffer.from("s3cret s3cret s3cret")] });
    known.set("a");
    await clock.advance(100);
    await ended("failure");
    await clock.advance(1000);
    await ended("failure", "success");
    await receiver.stop();
    known.set("b");
    await clock.advance(1000);
    await ended("failure", "success", "failure");
    const [first, second] = log.at("warn").map(({ fields }) => fields);
    const origin = `http://127.0.0.1:${url.port}`;
    const common = { webhook: origin, number: 1, attempt: 1, changes: 1, retryInMs: expect.any(Number) };
    expect(first).toMatchObject({ ...common, result: "failure", status: 500, answer: "no room" });
    expect(second).toMatchObject({ ...common, error: expect.stringContaining("ECONNREFUSED") });
    expect(log.at("debug")[0]?.fields).toMatchObject({ webhook: origin, result: "success", attempt: 2, status: 200 });
    expect(JSON.stringify(log.lines)).not.toContain("s3cret");
  });

  it("ends at once when closed, in an attempt or between two, and sends nothing more", async () => {
    receiver.answers = [silence];
    const first = start();
    known.set("a");
    await clock.advance(100);
    await waitUntil("it was sent", () => receiver.requests.length === 1);
    await first.close();
    expect(results).toEqual(["aborted"]);
    receiver.answers = [answer(500)];
    const second = start();
    await clock.advance(100);
    await ended("aborted", "failure");
    known.set("b");
    await second.close();
    expect(clock.pending).toBe(0);
    await clock.advance(1_000_000);
    await settle();
    expect(receiver.requests).toHaveLength(2);
  });

  it("has hanging and failing ones hold up no other", async () => {
    receiver.answers = [silence];
    start();
    const other = await Receiver.start();
    const others: DeliveryResult[] = [];
    start({ url: other.url(), number: 2, onDelivery: (result) => others.push(result) });
    for (const [index, hostname] of ["a", "b", "c"].entries()) {
      known.set(hostname);
      await clock.advance(1000);
      await waitUntil("the other was told", () => others.length === index + 1);
    }
    expect(others).toEqual(["success", "success", "success"]);
    expect(receiver.requests).toHaveLength(1);
  });

  it("survives hosts that can't be told", async () => {
    const broken = [{ hostname: "a", labels: [], lastSeen: 1n as unknown as number }];
    start({ hosts: () => broken });
    await clock.advance(100);
    expect(log.at("error")).toHaveLength(1);
  });
});
