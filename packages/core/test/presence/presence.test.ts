import { describe, expect, it } from "vitest";
import { encodePacket, VirtualClock } from "../../src/index.ts";
import { daemon, KEEP_ALIVE_MS, TTL_MS } from "./daemon-fixture.ts";
import { VirtualNetwork } from "./virtual-network.ts";

function setup() {
  const clock = new VirtualClock();
  const network = new VirtualNetwork(clock);
  return { clock, network };
}

describe("announcing", () => {
  it("lists itself at once, and everywhere within a moment, as a lobby packet", async () => {
    const { clock, network } = setup();
    const a = daemon(clock, [network.port().up()], { hostname: "a", labels: ["service:smtp"] });
    const b = daemon(clock, [network.port().up()], { hostname: "b" });
    await a.presence.start();
    await b.presence.start();
    expect(a.names()).toEqual(["a"]);
    await clock.advance(50);
    expect(a.names()).toEqual(["a", "b"]);
    expect(b.labelsOf("a")).toEqual(["service:smtp"]);
    expect(a.presence.digest()).toBe(b.presence.digest());
    const onMain = network.published.filter(({ channel }) => channel === "lobby:discovery");
    expect(onMain[0]?.message).toBe(
      '{"discovery":{"hostname":"a","labels":["service:smtp"],"last_check":0},"message":"hi"}',
    );
  });

  it("keeps heartbeats within 64 bytes and the packet unchanged", async () => {
    const { clock, network } = setup();
    const a = daemon(clock, [network.port().up()], { hostname: "a".repeat(200), labels: ["x:y"] });
    await a.presence.start();
    network.published.length = 0;
    await clock.advance(KEEP_ALIVE_MS * 3);
    const beats = network.published.filter(({ message }) => message.startsWith("b "));
    expect(beats.length).toBe(3);
    for (const { message } of beats) expect(message.length).toBeLessThanOrEqual(64);
    expect(new Set(beats.map(({ message }) => message)).size).toBe(1);
  });

  it("says goodbye when it stops, and nothing that comes late brings it back", async () => {
    const { clock, network } = setup();
    const a = daemon(clock, [network.port().up()], { hostname: "a" });
    const b = daemon(clock, [network.port().up()], { hostname: "b" });
    await a.presence.start();
    await b.presence.start();
    await clock.advance(KEEP_ALIVE_MS * 2);
    const said = network.published.filter(({ message }) => message.includes('"a"') || message.startsWith("b "));
    await a.presence.stop();
    await clock.advance(10);
    expect(b.names()).toEqual(["b"]);
    for (const { channel, message } of said) network.inject(message, channel);
    await clock.advance(10);
    expect(b.names()).toEqual(["b"]);
    expect(b.observer.duplicates).toEqual([]);
  });

  it("moves to a changed hostname: hi under the new name, then goodbye under the old", async () => {
    const { clock, network } = setup();
    const a = daemon(clock, [network.port().up()], { hostname: "old" });
    const b = daemon(clock, [network.port().up()], { hostname: "b" });
    await a.presence.start();
    await b.presence.start();
    await clock.advance(10);
    network.published.length = 0;
    a.local.hostname = "new";
    await clock.advance(KEEP_ALIVE_MS + 10);
    expect(b.names()).toEqual(["b", "new"]);
    expect(a.names()).toEqual(["b", "new"]);
    const packets = network.published
      .filter(({ channel }) => channel === "lobby:discovery")
      .map(({ message }) => message);
    const hi = packets.indexOf(encodePacket({ message: "hi", hostname: "new", labels: [] }));
    const goodbye = packets.indexOf(encodePacket({ message: "goodbye", hostname: "old", labels: [] }));
    expect(hi).toBeGreaterThanOrEqual(0);
    expect(goodbye).toBe(hi + 1);
  });

  it("announces changed labels at once when told", async () => {
    const { clock, network } = setup();
    const a = daemon(clock, [network.port().up()], { hostname: "a" });
    const b = daemon(clock, [network.port().up()], { hostname: "b" });
    await a.presence.start();
    await b.presence.start();
    await clock.advance(10);
    const changes: string[] = [];
    b.presence.onChange(({ hostname, reason }) => changes.push(`${hostname} ${reason}`));
    a.local.labels = ["service:imap"];
    await a.presence.announce();
    await clock.advance(5);
    expect(b.labelsOf("a")).toEqual(["service:imap"]);
    expect(changes).toEqual(["a changed"]);
  });

  it("announces the last labels while they cannot be read", async () => {
    const { clock, network } = setup();
    const a = daemon(clock, [network.port().up()], { hostname: "a", labels: ["x"] });
    await a.presence.start();
    Object.defineProperty(a.local, "labels", {
      enumerable: true,
      get: () => {
        throw new Error("EIO");
      },
    });
    await clock.advance(KEEP_ALIVE_MS * 2);
    expect(a.labelsOf("a")).toEqual(["x"]);
    expect(a.observer.counts.get("announcement failed")).toBe(2);
    expect(a.observer.counts.get("sent beat")).toBe(2);
  });

  it("does not announce with register off, and answers nothing but itself with listen off", async () => {
    const { clock, network } = setup();
    const silent = daemon(clock, [network.port().up()], { hostname: "silent", register: false });
    const mute = daemon(clock, [network.port().up()], { hostname: "mute", listen: false });
    await silent.presence.start();
    await mute.presence.start();
    await clock.advance(KEEP_ALIVE_MS * 2);
    expect(silent.names()).toEqual(["mute"]);
    expect(mute.presence.notReady()).toContain("listen");
    expect(mute.observer.counts.get("received hi")).toBeUndefined();
    expect(silent.presence.notReady()).toBeUndefined();
    await mute.presence.stop();
    await clock.advance(10);
    expect(silent.names()).toEqual([]);
  });
});

describe("expiry and self-preservation", () => {
  it("drops a host that dies without a goodbye after its TTL, not before", async () => {
    const { clock, network } = setup();
    const port = network.port().up();
    const a = daemon(clock, [port], { hostname: "a" });
    const b = daemon(clock, [network.port().up()], { hostname: "b" });
    await a.presence.start();
    await b.presence.start();
    await clock.advance(10);
    const reasons: string[] = [];
    b.presence.onChange(({ hostname, reason }) => reasons.push(`${hostname} ${reason}`));
    port.down();
    await clock.advance(TTL_MS - 100);
    expect(b.names()).toEqual(["a", "b"]);
    await clock.advance(2000);
    expect(b.names()).toEqual(["b"]);
    expect(reasons).toEqual(["a expired"]);
  });

  it("loses nobody while the link is down or frozen, and gives everybody a TTL afterwards", async () => {
    for (const fault of ["down", "freeze"] as const) {
      const { clock, network } = setup();
      const portA = network.port().up();
      const portB = network.port().up();
      const portC = network.port().up();
      const a = daemon(clock, [portA], { hostname: "a" });
      const b = daemon(clock, [portB], { hostname: "b" });
      const c = daemon(clock, [portC], { hostname: "c" });
      for (const { presence } of [a, b, c]) await presence.start();
      await clock.advance(KEEP_ALIVE_MS + 10);
      for (const port of [portA, portB, portC]) port[fault]();
      await clock.advance(TTL_MS * 10);
      expect(a.names()).toEqual(["a", "b", "c"]);
      expect(a.presence.notReady()).toBeUndefined();
      if (fault === "down") expect(a.presence.staleSeconds()).toBe((TTL_MS * 10) / 1000);
      for (const port of [portA, portB]) port.up();
      await clock.advance(TTL_MS - 1000);
      expect(a.names()).toEqual(["a", "b", "c"]);
      expect(a.presence.staleSeconds()).toBeUndefined();
      await clock.advance(3000);
      expect(a.names()).toEqual(["a", "b"]);
    }
  });

  it("is not moved by a step of the wall clock", async () => {
    const { clock, network } = setup();
    const a = daemon(clock, [network.port().up()], { hostname: "a" });
    const b = daemon(clock, [network.port().up()], { hostname: "b" });
    await a.presence.start();
    await b.presence.start();
    await clock.advance(1000);
    clock.stepWall(86_400_000);
    await clock.advance(1000);
    expect(b.names()).toEqual(["a", "b"]);
    clock.stepWall(-2 * 86_400_000);
    await clock.advance(KEEP_ALIVE_MS);
    expect(b.names()).toEqual(["a", "b"]);
  });

  it("with two links, judges by those that are up", async () => {
    const { clock, network } = setup();
    const other = new VirtualNetwork(clock);
    const ports = [network.port("one").up(), other.port("two").up()];
    const peer = [network.port("one").up(), other.port("two").up()];
    const a = daemon(clock, ports, { hostname: "a" });
    const b = daemon(clock, peer, { hostname: "b" });
    const onlyOne = daemon(clock, [network.port("one").up()], { hostname: "only-one" });
    for (const { presence } of [a, b, onlyOne]) await presence.start();
    await clock.advance(10);
    expect(a.names()).toEqual(["a", "b", "only-one"]);
    ports[0]?.down();
    await clock.advance(TTL_MS * 2);
    expect(a.names()).toEqual(["a", "b", "only-one"]);
    for (const port of peer) port.down();
    await clock.advance(TTL_MS * 2);
    expect(a.names()).toEqual(["a", "only-one"]);
  });
});

describe("start-up", () => {
  it("is complete within 200 ms from one peer, and only few of many answer", async () => {
    const { clock, network } = setup();
    const peers = Array.from({ length: 50 }, (_, index) =>
      daemon(clock, [network.port().up()], { hostname: `peer-${index}`, seed: index }),
    );
    for (const { presence } of peers) await presence.start();
    await clock.advance(KEEP_ALIVE_MS + 100);
    network.published.length = 0;
    const late = daemon(clock, [network.port().up()], { hostname: "late", seed: 99 });
    await late.presence.start();
    expect(late.presence.notReady()).toBe("listening for the fleet");
    await clock.advance(200);
    expect(late.presence.notReady()).toBeUndefined();
    expect(late.names().length).toBe(51);
    const answers = network.published.filter(({ message }) => message.includes('"type":"fleet"'));
    expect(answers.length).toBeGreaterThan(0);
    expect(answers.length).toBeLessThan(10);
  });

  it("learns a fleet that is too large for one message", async () => {
    const { clock, network } = setup();
    const a = daemon(clock, [network.port().up()], { hostname: "a" });
    await a.presence.start();
    await clock.advance(KEEP_ALIVE_MS + 1);
    const labels = Array.from({ length: 20 }, (_, index) => `label-${index}:${"x".repeat(40)}`);
    for (let index = 0; index < 1000; index++) {
      network.inject(encodePacket({ message: "hi", hostname: `host-${index}`, labels }));
    }
    await clock.advance(10);
    const late = daemon(clock, [network.port().up()], { hostname: "late" });
    await late.presence.start();
    await clock.advance(200);
    expect(late.names().length).toBe(1002);
    const sizes = network.published.map(({ message }) => message.length);
    expect(Math.max(...sizes)).toBeLessThan(512 * 1024);
  });

  it("alone, is ready after one keep-alive period of listening; an interruption begins it anew", async () => {
    const { clock, network } = setup();
    const port = network.port();
    const a = daemon(clock, [port], { hostname: "a" });
    await a.presence.start();
    await clock.advance(KEEP_ALIVE_MS * 3);
    expect(a.presence.notReady()).toContain("no backend was reached");
    port.up();
    await clock.advance(KEEP_ALIVE_MS - 1000);
    port.down();
    port.up();
    await clock.advance(KEEP_ALIVE_MS - 1000);
    expect(a.presence.notReady()).toBe("listening for the fleet");
    await clock.advance(1001);
    expect(a.presence.notReady()).toBeUndefined();
  });

  it("serves what was saved while no backend is reached, and gives it a TTL from then on", async () => {
    const { clock, network } = setup();
    const saved = [{ hostname: "known", labels: ["x"], age: 7_200_000 }];
    const port = network.port();
    const a = daemon(clock, [port], { hostname: "a", saved });
    await a.presence.start();
    expect(a.presence.notReady()).toBeUndefined();
    expect(a.names()).toEqual(["a", "known"]);
    expect(a.presence.staleSeconds()).toBe(7200);
    port.up();
    await clock.advance(TTL_MS - 1000);
    expect(a.names()).toEqual(["a", "known"]);
    await clock.advance(3000);
    expect(a.names()).toEqual(["a"]);
  });

  it("a restart after a crash replaces what it was, without waiting and without a duplicate, even with the clock set back", async () => {
    const { clock, network } = setup();
    const watcher = daemon(clock, [network.port().up()], { hostname: "watcher" });
    await watcher.presence.start();
    const port = network.port().up();
    const before = daemon(clock, [port], { hostname: "a", labels: ["before"], seed: 1 });
    await before.presence.start();
    await clock.advance(KEEP_ALIVE_MS * 2);
    port.down();
    clock.stepWall(-3_600_000);
    const after = daemon(clock, [network.port().up()], { hostname: "a", labels: ["after"], seed: 2 });
    await after.presence.start();
    await clock.advance(300);
    expect(watcher.labelsOf("a")).toEqual(["after"]);
    expect(after.labelsOf("a")).toEqual(["after"]);
    await clock.advance(KEEP_ALIVE_MS * 20);
    expect(watcher.labelsOf("a")).toEqual(["after"]);
    expect([...watcher.observer.duplicates, ...after.observer.duplicates]).toEqual([]);
  });
});

describe("two machines with one hostname", () => {
  it("are noticed by both and by others, and neither flaps", async () => {
    const { clock, network } = setup();
    const one = daemon(clock, [network.port().up()], { hostname: "twin", labels: ["one"], seed: 1 });
    const two = daemon(clock, [network.port().up()], { hostname: "twin", labels: ["two"], seed: 2 });
    const other = daemon(clock, [network.port().up()], { hostname: "other" });
    await one.presence.start();
    await clock.advance(1000);
    await two.presence.start();
    await other.presence.start();
    await clock.advance(KEEP_ALIVE_MS * 2);
    const changes: string[] = [];
    other.presence.onChange(({ hostname }) => changes.push(hostname));
    await clock.advance(KEEP_ALIVE_MS * 20);
    expect(changes).toEqual([]);
    expect(one.presence.digest()).toBe(two.presence.digest());
    expect(one.observer.duplicates.at(-1)).toEqual({ hostname: "twin", own: true });
    expect(two.observer.duplicates.at(-1)).toEqual({ hostname: "twin", own: true });
    expect(other.observer.duplicates.at(-1)).toEqual({ hostname: "twin", own: false });
  });

  it("are noticed where one is an original daemon, which does not win", async () => {
    const { clock, network } = setup();
    const ours = daemon(clock, [network.port().up()], { hostname: "twin", labels: ["ours"] });
    await ours.presence.start();
    await clock.advance(KEEP_ALIVE_MS);
    const packet = encodePacket({ message: "hi", hostname: "twin", labels: ["original"] });
    for (let count = 0; count < 3; count++) {
      network.inject(packet);
      await clock.advance(KEEP_ALIVE_MS);
      expect(ours.labelsOf("twin")).toEqual(["ours"]);
    }
    expect(ours.observer.duplicates.length).toBeGreaterThan(0);
  });
});

describe("original daemons", () => {
  it("are listed, changed, kept alive and dropped by their packets", async () => {
    const { clock, network } = setup();
    const a = daemon(clock, [network.port().up()], { hostname: "a" });
    await a.presence.start();
    network.inject(
      '{"discovery":{"hostname":"smtp.example.com","labels":["service:smtp"],"last_check":0},"message":"hi"}',
    );
    network.inject('{"message":"hi","discovery":{"last_check":17,"labels":null,"hostname":"bare","more":1},"more":[]}');
    await clock.advance(5);
    expect(a.names()).toEqual(["a", "bare", "smtp.example.com"]);
    network.inject('{"discovery":{"hostname":"bare","labels":["x","x"," a "],"last_check":0},"message":"hi"}');
    await clock.advance(5);
    expect(a.labelsOf("bare")).toEqual(["a", "x"]);
    network.inject('{"discovery":{"hostname":"bare","labels":[],"last_check":0},"message":"goodbye"}');
    await clock.advance(5);
    expect(a.names()).toEqual(["a", "smtp.example.com"]);
    await clock.advance(TTL_MS + 2000);
    expect(a.names()).toEqual(["a"]);
  });
});

describe("an unknown heartbeat", () => {
  it("is answered with a question, so that a lost announcement is made up for", async () => {
    const { clock, network } = setup();
    const a = daemon(clock, [network.port().up()], { hostname: "a", labels: ["x"] });
    const port = network.port().up();
    const b = daemon(clock, [port], { hostname: "b" });
    await b.presence.start();
    await clock.advance(KEEP_ALIVE_MS + 1);
    port.freeze();
    await a.presence.start();
    await clock.advance(1000);
    port.up();
    await clock.advance(KEEP_ALIVE_MS + 200);
    expect(b.labelsOf("a")).toEqual(["x"]);
  });
});

describe("hostile messages", () => {
  it("change nothing and are counted by kind", async () => {
    const { clock, network } = setup();
    const a = daemon(clock, [network.port().up()], { hostname: "a" });
    await a.presence.start();
    await clock.advance(10);
    const hi = (hostname: unknown, labels: unknown): string =>
      JSON.stringify({ discovery: { hostname, labels, last_check: 0 }, message: "hi" });
    const hostile: Record<string, string> = {
      not_json: "{",
      wrong_shape: '{"discovery":[],"message":"hi"}',
      too_long: hi("big", ["x".repeat(1024 * 1024)]),
      bad_hostname: hi("__proto__", []),
      too_many_labels: hi(
        "many",
        Array.from({ length: 10_000 }, (_, index) => `l${index}`),
      ),
      unknown_message: '{"discovery":{"hostname":"b","labels":[]},"message":"hello"}',
    };
    for (const [result, message] of Object.entries(hostile)) {
      network.inject(message);
      await clock.advance(5);
      expect([result, a.observer.counts.get(`received ${result}`)]).toEqual([result, 1]);
    }
    network.inject(hi("evil\n", []));
    network.inject(hi("", []));
    network.inject("not for us", "lobby:discovery.ext");
    await clock.advance(5);
    expect(a.observer.counts.get("received bad_hostname")).toBe(3);
    expect(a.observer.counts.get("received bad_peer_message")).toBe(1);
    expect(a.names()).toEqual(["a"]);
  });
});

it("leaves no timer behind", async () => {
  const { clock, network } = setup();
  const port = network.port().up();
  const idle = clock.pending;
  const a = daemon(clock, [port], { hostname: "a" });
  await a.presence.start();
  await clock.advance(100);
  await a.presence.stop();
  await clock.advance(10);
  expect(clock.pending).toBe(idle);
});
