import { describe, expect, it } from "vitest";
import { daemon, KEEP_ALIVE_MS, TTL_MS } from "./daemon-fixture.ts";
import { virtualFleet } from "./virtual-fleet.ts";
import { VirtualNetwork } from "./virtual-network.ts";

describe("expiry and self-preservation", () => {
  it("drops a host that dies without a goodbye after its TTL, not before", async () => {
    const { clock, network } = virtualFleet();
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
      const { clock, network } = virtualFleet();
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
    const { clock, network } = virtualFleet();
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
    const { clock, network } = virtualFleet();
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
