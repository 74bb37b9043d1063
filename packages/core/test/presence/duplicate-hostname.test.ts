import { describe, expect, it } from "vitest";
import { encodePacket } from "../../src/index.ts";
import { daemon, KEEP_ALIVE_MS } from "./daemon-fixture.ts";
import { virtualFleet } from "./virtual-fleet.ts";

describe("two machines with one hostname", () => {
  it("are noticed by both and by others, and neither flaps", async () => {
    const { clock, network } = virtualFleet();
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
    const { clock, network } = virtualFleet();
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
