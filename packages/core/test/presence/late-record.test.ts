import { expect, it } from "vitest";
import { VirtualClock } from "../../src/index.ts";
import { Fleet } from "../../src/presence/fleet.ts";
import { TTL_MS } from "./daemon-fixture.ts";
import { VirtualNetwork } from "./virtual-network.ts";

it("a peer's answer that knows a host by its packet alone does not bring it back after its goodbye", async () => {
  const clock = new VirtualClock();
  const { link } = new VirtualNetwork(clock).port().up();
  const fleet = new Fleet({ clock, ttlMs: TTL_MS, lateMs: TTL_MS / 2, links: [link] });
  const announcement = { hostname: "a", labels: ["x"] };
  fleet.hearPeer(0, announcement, { instance: "one", incarnation: 1, sequence: 1 });
  fleet.hearPeerGoodbye("one");
  fleet.hearRecord(0, { ...announcement, age: 0 });
  expect(fleet.size).toBe(0);
  await clock.advance(TTL_MS);
  fleet.sweep();
  fleet.hearRecord(0, { ...announcement, age: 0 });
  expect(fleet.size).toBe(1);
});
