import { describe, expect, it } from "vitest";
import { encodePacket } from "../../src/index.ts";
import { daemon, KEEP_ALIVE_MS, TTL_MS } from "./daemon-fixture.ts";
import { virtualFleet } from "./virtual-fleet.ts";

describe("announcing", () => {
  it("lists itself at once, and everywhere within a moment, as a lobby packet", async () => {
    const { clock, network } = virtualFleet();
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
    const { clock, network } = virtualFleet();
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
    const { clock, network } = virtualFleet();
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
    const { clock, network } = virtualFleet();
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
    const { clock, network } = virtualFleet();
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
    const { clock, network } = virtualFleet();
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
    const { clock, network } = virtualFleet();
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

describe("original daemons", () => {
  it("are listed, changed, kept alive and dropped by their packets", async () => {
    const { clock, network } = virtualFleet();
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
    const { clock, network } = virtualFleet();
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

describe("many questions", () => {
  it("are answered together, and the last of them too", async () => {
    const { clock, network } = virtualFleet();
    const a = daemon(clock, [network.port().up()], { hostname: "a" });
    await a.presence.start();
    await clock.advance(KEEP_ALIVE_MS + 1);
    const inbox = network.published.flatMap(({ message }) => /"instance":"([^"]+)"/.exec(message)?.[1] ?? [])[0];
    network.published.length = 0;
    const answers = (): number => network.published.filter(({ message }) => message.includes('"type":"hi"')).length;
    for (let count = 0; count < 500; count++) {
      network.inject('{"type":"ask"}', `lobby:discovery.ext.${inbox}`);
      await clock.advance(1);
    }
    await clock.advance(1);
    expect(answers()).toBeGreaterThanOrEqual(5);
    expect(answers()).toBeLessThanOrEqual(7);
    const before = answers();
    network.inject('{"type":"ask"}', `lobby:discovery.ext.${inbox}`);
    await clock.advance(150);
    expect(answers()).toBe(before + 1);
  });
});

describe("hostile messages", () => {
  it("change nothing and are counted by kind", async () => {
    const { clock, network } = virtualFleet();
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
  const { clock, network } = virtualFleet();
  const port = network.port().up();
  const idle = clock.pending;
  const a = daemon(clock, [port], { hostname: "a" });
  await a.presence.start();
  await clock.advance(100);
  await a.presence.stop();
  await clock.advance(10);
  expect(clock.pending).toBe(idle);
});
