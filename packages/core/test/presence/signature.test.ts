import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodePacket, parsePacket, VirtualClock } from "../../src/index.ts";
import { encodeBeat } from "../../src/presence/beat.ts";
import { Signer } from "../../src/presence/signature.ts";
import { daemon, KEEP_ALIVE_MS, TTL_MS } from "./daemon-fixture.ts";
import { VirtualNetwork } from "./virtual-network.ts";

const WINDOW_MS = 30_000;
const CHANNEL = "lobby:discovery";

function signers(...keys: string[][]) {
  const clock = new VirtualClock();
  return { clock, all: keys.map((list) => new Signer({ clock, keys: list, windowMs: WINDOW_MS })) };
}

describe("Signer", () => {
  it("opens what a holder of the key signed, byte for byte, once", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.oneof(
          fc.string(),
          fc.json().filter((json) => json.startsWith("{")),
        ),
        (key, text) => {
          const { all } = signers([`k${key}`], [`k${key}`]);
          const signed = all[0]?.sign(CHANNEL, text) ?? "";
          expect(all[1]?.open(CHANNEL, signed)).toEqual({ text, unproven: undefined });
          expect(all[1]?.open(CHANNEL, signed).unproven).toBe("replayed");
        },
      ),
    );
  });

  it("tells the unsigned, the changed, the stale, and what another key or channel signed", () => {
    const { clock, all } = signers(["old"], ["new", "old"], ["new"]);
    const [old, both, fresh] = all;
    const packet = encodePacket({ message: "hi", hostname: "a", labels: ["x"] });
    expect(both?.open(CHANNEL, packet).unproven).toBe("unsigned");
    const signed = old?.sign(CHANNEL, packet) ?? "";
    expect(both?.open(CHANNEL, signed.replace('"x"', '"y"')).unproven).toBe("forged");
    expect(both?.open("elsewhere", signed).unproven).toBe("forged");
    expect(fresh?.open(CHANNEL, signed).unproven).toBe("forged");
    expect(both?.open(CHANNEL, signed).unproven).toBeUndefined();
    const later = old?.sign(CHANNEL, packet) ?? "";
    clock.stepWall(WINDOW_MS + 1);
    expect(both?.open(CHANNEL, later).unproven).toBe("stale");
    clock.stepWall(-2 * WINDOW_MS - 2);
    expect(both?.open(CHANNEL, old?.sign(CHANNEL, "other") ?? "").unproven).toBeUndefined();
    clock.stepWall(-10);
    expect(both?.open(CHANNEL, later).unproven).toBe("stale");
  });

  it("leaves a packet that an original daemon still reads, and a heartbeat within 64 bytes", () => {
    const { all } = signers(["key"]);
    const packet = encodePacket({ message: "hi", hostname: "a", labels: ["x"] });
    const signed = all[0]?.sign(CHANNEL, packet) ?? "";
    expect(parsePacket(signed)).toEqual({ message: "hi", hostname: "a", labels: ["x"] });
    const identity = { instance: "k3JZ0a_-x9Q", incarnation: Date.UTC(2050, 0, 1), sequence: 1 };
    const beat = encodeBeat({ ...identity, digest: "abcdefghijkl" });
    expect(all[0]?.sign(`${CHANNEL}.ext`, beat).length).toBeLessThanOrEqual(64);
  });

  it("forgets signatures that would be stale by now", () => {
    const { clock, all } = signers(["key"], ["key"]);
    const [sender, receiver] = all;
    const first = sender?.sign(CHANNEL, "text") ?? "";
    receiver?.open(CHANNEL, first);
    for (let count = 0; count < 5; count++) {
      clock.stepWall(WINDOW_MS);
      receiver?.open(CHANNEL, sender?.sign(CHANNEL, "text") ?? "");
    }
    expect(receiver?.open(CHANNEL, first).unproven).toBe("stale");
  });
});

describe("a fleet with a signing key", () => {
  const signing = { keys: ["secret"], windowMs: WINDOW_MS, enforce: true };

  it("lists those who hold it, and drops everybody else", async () => {
    const clock = new VirtualClock();
    const network = new VirtualNetwork(clock);
    const a = daemon(clock, [network.port().up()], { hostname: "a", signing });
    const b = daemon(clock, [network.port().up()], { hostname: "b", signing });
    const forger = daemon(clock, [network.port().up()], { hostname: "f", signing: { ...signing, keys: ["guessed"] } });
    for (const { presence } of [a, b, forger]) await presence.start();
    network.inject(encodePacket({ message: "hi", hostname: "unsigned", labels: [] }));
    await clock.advance(KEEP_ALIVE_MS * 3);
    expect(a.names()).toEqual(["a", "b"]);
    expect(a.observer.counts.get("dropped unsigned")).toBe(1);
    expect(a.observer.counts.get("dropped forged")).toBeGreaterThan(2);
    const goodbye = network.published.length;
    await b.presence.stop();
    await clock.advance(10);
    expect(a.names()).toEqual(["a"]);
    for (const { channel, message } of network.published.slice(0, goodbye)) network.inject(message, channel);
    await clock.advance(10);
    expect(a.names()).toEqual(["a"]);
    expect(a.observer.counts.get("dropped replayed")).toBeGreaterThan(0);
  });

  it("can be changed over without a gap: first warn only, then two keys, then one", async () => {
    const clock = new VirtualClock();
    const network = new VirtualNetwork(clock);
    const warns = daemon(clock, [network.port().up()], { hostname: "w", signing: { ...signing, enforce: false } });
    const unsigned = daemon(clock, [network.port().up()], { hostname: "u" });
    const rotated = daemon(clock, [network.port().up()], {
      hostname: "r",
      signing: { ...signing, keys: ["next", "secret"] },
    });
    for (const { presence } of [warns, unsigned, rotated]) await presence.start();
    await clock.advance(KEEP_ALIVE_MS * 2);
    expect(warns.names()).toEqual(["r", "u", "w"]);
    expect(warns.observer.counts.get("accepted unsigned")).toBeGreaterThan(0);
    expect(rotated.names()).toEqual(["r", "w"]);
    // Who has no key yet understands those that have one: packets, heartbeats and answers.
    for (let time = 0; time < 3 * TTL_MS; time += KEEP_ALIVE_MS) {
      expect(unsigned.names()).toEqual(["r", "u", "w"]);
      await clock.advance(KEEP_ALIVE_MS);
    }
    expect(unsigned.observer.counts.get("received bad_peer_message")).toBeUndefined();
  });

  it("goes on sending packets to an original daemon, whom it does not believe", async () => {
    const clock = new VirtualClock();
    const network = new VirtualNetwork(clock);
    const a = daemon(clock, [network.port().up()], { hostname: "a", signing });
    await a.presence.start();
    await clock.advance(2 * KEEP_ALIVE_MS);
    const packets = (): number => network.published.filter(({ message }) => message.includes('"hostname":"a"')).length;
    const before = packets();
    for (let count = 0; count < 6; count++) {
      network.inject(encodePacket({ message: "hi", hostname: "original", labels: [] }));
      await clock.advance(KEEP_ALIVE_MS);
    }
    expect(packets() - before).toBe(6);
    expect(a.names()).toEqual(["a"]);
    await clock.advance(TTL_MS);
    const after = packets();
    await clock.advance(4 * KEEP_ALIVE_MS);
    expect(packets() - after).toBeLessThanOrEqual(2);
  });
});
