import { expect, it } from "vitest";
import { encodePacket, VirtualClock } from "../../src/index.ts";
import { daemon, KEEP_ALIVE_MS, TTL_MS } from "./daemon-fixture.ts";
import { VirtualNetwork } from "./virtual-network.ts";

const original = encodePacket({ message: "hi", hostname: "original", labels: [] });

async function fleetOf(settings: { packets?: "auto" | "always"; listen?: boolean } = {}) {
  const clock = new VirtualClock();
  const network = new VirtualNetwork(clock);
  const a = daemon(clock, [network.port().up()], { hostname: "a", ...settings });
  const b = daemon(clock, [network.port().up()], { hostname: "b" });
  await a.presence.start();
  await b.presence.start();
  await clock.advance(KEEP_ALIVE_MS + 100);
  network.published.length = 0;
  const packetsOf = (hostname: string): number =>
    network.published.filter(
      ({ channel, message }) => channel === "lobby:discovery" && message.includes(`"${hostname}"`),
    ).length;
  return { clock, network, a, b, packetsOf };
}

it("sends packets once a minute only, while all daemons are ours", async () => {
  const { clock, network, a, b, packetsOf } = await fleetOf();
  await clock.advance(60_000);
  expect(packetsOf("a")).toBe(1);
  expect(network.published.filter(({ message }) => message.startsWith("b ")).length).toBe(22);
  expect(a.names()).toEqual(["a", "b"]);
  expect(b.names()).toEqual(["a", "b"]);
});

it("sends every packet while one original daemon announces itself, and stops when that is gone", async () => {
  const { clock, network, packetsOf } = await fleetOf();
  for (let count = 0; count < 4; count++) {
    network.inject(original);
    await clock.advance(KEEP_ALIVE_MS);
  }
  expect(packetsOf("a")).toBe(4);
  expect(packetsOf("b")).toBe(4);
  await clock.advance(TTL_MS + KEEP_ALIVE_MS);
  network.published.length = 0;
  await clock.advance(KEEP_ALIVE_MS * 4);
  expect(packetsOf("a")).toBeLessThanOrEqual(1);
});

it("sends every packet where told to, and where it cannot know who listens", async () => {
  for (const settings of [{ packets: "always" } as const, { listen: false }]) {
    const { clock, packetsOf } = await fleetOf(settings);
    await clock.advance(KEEP_ALIVE_MS * 4);
    expect(packetsOf("a")).toBe(4);
  }
});

it("sends a changed label at once as a packet", async () => {
  const { clock, a, packetsOf } = await fleetOf();
  a.local.labels = ["new"];
  await a.presence.announce();
  await clock.advance(5);
  expect(packetsOf("a")).toBe(1);
});
