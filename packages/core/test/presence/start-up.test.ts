import { describe, expect, it } from "vitest";
import { encodePacket, type FleetRecord } from "../../src/index.ts";
import { daemon, KEEP_ALIVE_MS, TTL_MS } from "./daemon-fixture.ts";
import { virtualFleet } from "./virtual-fleet.ts";
import { VirtualNetwork } from "./virtual-network.ts";

describe("start-up", () => {
  it("is complete within 200 ms from one peer, and only few of many answer", async () => {
    const { clock, network } = virtualFleet();
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
    const { clock, network } = virtualFleet();
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

  it.each([2, 40, 100, 1000])("of two that start %i ms apart, neither is ready without the other", async (gapMs) => {
    for (let seed = 0; seed < 20; seed++) {
      const { clock, network } = virtualFleet();
      const first = daemon(clock, [network.port().up()], { hostname: "first", seed });
      await first.presence.start();
      await clock.advance(gapMs);
      const second = daemon(clock, [network.port().up()], { hostname: "second", seed: seed + 1000 });
      await second.presence.start();
      for (const each of [first, second]) {
        while (each.presence.notReady() !== undefined) await clock.advance(1);
        expect(each.names()).toEqual(["first", "second"]);
      }
    }
  });

  it("alone, is ready after one keep-alive period of listening; an interruption begins it anew", async () => {
    const { clock, network } = virtualFleet();
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
    const { clock, network } = virtualFleet();
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

  it("what was saved keeps the link it was heard on: it does not go because another is up", async () => {
    const { clock, network } = virtualFleet();
    const other = new VirtualNetwork(clock);
    const before = daemon(clock, [network.port("one").up(), other.port("two").up()], { hostname: "a", seed: 1 });
    await before.presence.start();
    network.inject(encodePacket({ message: "hi", hostname: "original", labels: [] }));
    await clock.advance(KEEP_ALIVE_MS);
    const saved = JSON.parse(JSON.stringify(before.presence.records())) as FleetRecord[];
    await before.presence.stop();
    const first = network.port("one");
    const after = daemon(clock, [first, other.port("two").up()], { hostname: "a", seed: 2, saved });
    await after.presence.start();
    first.down();
    await clock.advance(3 * TTL_MS);
    expect(after.names()).toEqual(["a", "original"]);
    first.up();
    await clock.advance(TTL_MS - 1000);
    expect(after.names()).toEqual(["a", "original"]);
    await clock.advance(3000);
    expect(after.names()).toEqual(["a"]);
  });

  it("says how old what was saved is: since the backend was last heard, not since it was saved", async () => {
    const { clock, network } = virtualFleet();
    const port = network.port().up();
    const before = daemon(clock, [port], { hostname: "a", seed: 1 });
    await before.presence.start();
    await clock.advance(KEEP_ALIVE_MS);
    port.down();
    await clock.advance(3_600_000);
    const saved = before.presence.records();
    await before.presence.stop();
    const after = daemon(clock, [network.port()], { hostname: "a", seed: 2, saved });
    await after.presence.start();
    expect(after.presence.staleSeconds()).toBe(3600);
  });

  it("a restart after a crash replaces what it was, without waiting and without a duplicate, even with the clock set back", async () => {
    const { clock, network } = virtualFleet();
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

  it("such a restart outranks what it was though its labels take longer to read than a peer to answer", async () => {
    const { clock, network } = virtualFleet();
    const watcher = daemon(clock, [network.port().up()], { hostname: "watcher" });
    await watcher.presence.start();
    const port = network.port().up();
    await daemon(clock, [port], { hostname: "a", labels: ["before"], seed: 1 }).presence.start();
    await clock.advance(KEEP_ALIVE_MS * 2);
    port.down();
    clock.stepWall(-3_600_000);
    const after = daemon(clock, [network.port().up()], { hostname: "a", labels: ["after"], seed: 2, slowMs: 500 });
    void after.presence.start();
    await clock.advance(1100);
    expect(after.presence.notReady()).toBeUndefined();
    expect(watcher.labelsOf("a")).toEqual(["after"]);
    expect(after.labelsOf("a")).toEqual(["after"]);
  });

  it("with two links, is complete when both are answered: not everybody is on both", async () => {
    const { clock, network } = virtualFleet();
    const other = new VirtualNetwork(clock);
    const one = daemon(clock, [network.port("one").up()], { hostname: "one" });
    const two = daemon(clock, [other.port("two").up()], { hostname: "two" });
    await one.presence.start();
    await two.presence.start();
    await clock.advance(KEEP_ALIVE_MS + 1);
    const late = daemon(clock, [network.port("one").up(), other.port("two").up()], { hostname: "late" });
    await late.presence.start();
    while (late.presence.notReady() !== undefined) await clock.advance(1);
    expect(late.names()).toEqual(["late", "one", "two"]);
    expect(clock.monotonic()).toBeLessThan(KEEP_ALIVE_MS + 200);
  });

  it("a peer on two links tells nobody of hosts that it could never hear there", async () => {
    const { clock, network } = virtualFleet();
    const other = new VirtualNetwork(clock);
    const both = daemon(clock, [network.port("one").up(), other.port("two").up()], { hostname: "both" });
    const two = daemon(clock, [other.port("two").up()], { hostname: "two" });
    await both.presence.start();
    await two.presence.start();
    await clock.advance(KEEP_ALIVE_MS + 1);
    expect(both.names()).toEqual(["both", "two"]);
    const one = daemon(clock, [network.port("one").up()], { hostname: "one" });
    await one.presence.start();
    while (one.presence.notReady() !== undefined) await clock.advance(1);
    expect(one.names()).toEqual(["both", "one"]);

    // Nor does a third, which knows `two` from hearsay on both links, lose it when the link goes on which that lives.
    const ports = [network.port("one").up(), other.port("two").up()] as const;
    const third = daemon(clock, ports, { hostname: "third" });
    await third.presence.start();
    await clock.advance(KEEP_ALIVE_MS);
    ports[1].down();
    await clock.advance(3 * TTL_MS);
    expect(third.names()).toEqual(["both", "one", "third", "two"]);
  });

  it("gives a link that came up late its own keep-alive period of listening", async () => {
    const { clock, network } = virtualFleet();
    const other = new VirtualNetwork(clock);
    const second = other.port("two");
    const a = daemon(clock, [network.port("one").up(), second], { hostname: "a" });
    await a.presence.start();
    await clock.advance(KEEP_ALIVE_MS - 1000);
    second.up();
    await clock.advance(2000);
    expect(a.presence.notReady()).toBe("listening for the fleet");
    other.inject(encodePacket({ message: "hi", hostname: "original", labels: [] }));
    await clock.advance(KEEP_ALIVE_MS);
    expect(a.presence.notReady()).toBeUndefined();
    expect(a.names()).toEqual(["a", "original"]);
  });

  it("a backend that hangs is not listened to", async () => {
    const { clock, network } = virtualFleet();
    const port = network.port().up();
    const a = daemon(clock, [port], { hostname: "a" });
    await a.presence.start();
    await clock.advance(100);
    port.freeze();
    await clock.advance(KEEP_ALIVE_MS * 2);
    expect(a.presence.notReady()).toBe("listening for the fleet");
    port.up();
    await clock.advance(KEEP_ALIVE_MS - 1000);
    expect(a.presence.notReady()).toBe("listening for the fleet");
    await clock.advance(2000);
    expect(a.presence.notReady()).toBeUndefined();
  });

  it("waits for a link that is about to come up, and not for one that can't", async () => {
    const { clock, network } = virtualFleet();
    const other = new VirtualNetwork(clock);
    await daemon(clock, [network.port("one").up()], { hostname: "one" }).presence.start();
    await daemon(clock, [other.port("two").up()], { hostname: "two" }).presence.start();
    await clock.advance(KEEP_ALIVE_MS + 1);
    const second = other.port("two");
    const late = daemon(clock, [network.port("one").up(), second], { hostname: "late" });
    await late.presence.start();
    await clock.advance(90);
    expect(late.presence.notReady()).toBe("listening for the fleet");
    second.up();
    await clock.advance(90);
    expect(late.presence.notReady()).toBeUndefined();
    expect(late.names()).toEqual(["late", "one", "two"]);

    const refused = other.port("two");
    const last = daemon(clock, [network.port("one").up(), refused], { hostname: "last" });
    await last.presence.start();
    refused.down();
    await clock.advance(90);
    expect(last.presence.notReady()).toBeUndefined();
  });
});
