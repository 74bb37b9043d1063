import { describe, expect, it } from "vitest";
import { encodePacket, VirtualClock } from "../../src/index.ts";
import { daemon, type DaemonSettings, KEEP_ALIVE_MS, TTL_MS } from "./daemon-fixture.ts";
import { VirtualNetwork } from "./virtual-network.ts";

const HOLD_MS = 900_000;
const guard = { share: 0.3, holdMs: HOLD_MS };
const listsOf = (labels: readonly string[]): string[] => labels.filter((label) => label.startsWith("list:"));

/** A watcher, and `count` original daemons of which some can be silenced. */
async function fleetOf(count: number, settings: Partial<DaemonSettings>) {
  const clock = new VirtualClock();
  const network = new VirtualNetwork(clock);
  const watcher = daemon(clock, [network.port().up()], { hostname: "watcher", ...settings });
  await watcher.presence.start();
  const labels = new Map(Array.from({ length: count }, (_, index) => [`host-${index}`, [] as string[]]));
  const beat = async (periods: number): Promise<void> => {
    for (let period = 0; period < periods; period++) {
      for (const [hostname, own] of labels) {
        network.inject(encodePacket({ message: "hi", hostname, labels: own }));
        await clock.advance(KEEP_ALIVE_MS / count);
      }
      if (labels.size < count) await clock.advance(KEEP_ALIVE_MS * (1 - labels.size / count));
    }
  };
  const silence = (...hostnames: string[]): void => {
    for (const hostname of hostnames) labels.delete(hostname);
  };
  const held = (): string[] =>
    watcher.presence.hosts().flatMap(({ hostname, status }) => (status === "held" ? [hostname] : []));
  return { clock, network, watcher, labels, beat, silence, held };
}

const TTL_PERIODS = TTL_MS / KEEP_ALIVE_MS + 1;

describe("the mass-loss guard", () => {
  it("holds every host, the first included, when more than its share falls silent at once", async () => {
    const { watcher, beat, silence, held, network } = await fleetOf(10, { guard });
    await beat(2);
    const lost = ["host-2", "host-4", "host-6", "host-8"];
    const changes: string[] = [];
    watcher.presence.onChange(({ hostname, reason }) => changes.push(`${hostname} ${reason}`));
    silence(...lost);
    await beat(TTL_PERIODS);
    expect(watcher.names().length).toBe(11);
    expect(held()).toEqual(lost);
    expect(watcher.presence.held).toBe(4);
    expect(watcher.observer.counts.get("held 4")).toBe(1);
    expect(changes).toEqual([]);
    network.inject(encodePacket({ message: "hi", hostname: "host-2", labels: [] }));
    await beat(1);
    expect(held()).toEqual(lost.slice(1));
    expect(changes).toEqual([]);
    expect(watcher.presence.acceptLoss()).toBe(3);
    expect(watcher.names().length).toBe(8);
  });

  it("lets go after its time", async () => {
    const { watcher, beat, silence, clock } = await fleetOf(6, { guard });
    await beat(2);
    silence("host-1", "host-2", "host-3");
    await beat(TTL_PERIODS);
    expect(watcher.presence.held).toBe(3);
    await clock.advance(HOLD_MS - 60_000);
    expect(watcher.names()).toContain("host-1");
    await clock.advance(61_000);
    expect(watcher.names()).not.toContain("host-1");
  });

  it("does not hold what goes one by one, says goodbye, or is too little", async () => {
    const { watcher, beat, silence, network } = await fleetOf(10, { guard });
    await beat(2);
    silence("host-1", "host-2", "host-3");
    await beat(TTL_PERIODS + 1);
    expect(watcher.names().length).toBe(8);
    await beat(TTL_PERIODS);
    for (const hostname of ["host-4", "host-5", "host-6", "host-7"]) {
      network.inject(encodePacket({ message: "goodbye", hostname, labels: [] }));
    }
    silence("host-4", "host-5", "host-6", "host-7");
    await beat(1);
    expect(watcher.names().length).toBe(4);
    silence("host-8", "host-9");
    await beat(TTL_PERIODS + 1);
    expect(watcher.names()).toEqual(["host-0", "watcher"]);
  });

  it("holds a list that loses too much though the fleet hardly does", async () => {
    const { beat, silence, held, labels } = await fleetOf(20, { guard, listsOf });
    for (const hostname of ["host-1", "host-2", "host-3", "host-4"]) labels.set(hostname, ["list:x"]);
    await beat(2);
    silence("host-1", "host-2", "host-3", "host-9");
    await beat(TTL_PERIODS + 1);
    expect(held()).toEqual(["host-1", "host-2", "host-3"]);
  });

  it("does not count those as lost that have returned", async () => {
    const { watcher, beat, silence, labels, held } = await fleetOf(6, { guard });
    await beat(2);
    silence("host-1", "host-2");
    await beat(4);
    silence("host-3");
    await beat(TTL_PERIODS - 4);
    expect(watcher.names()).not.toContain("host-2");
    labels.set("host-1", []);
    labels.set("host-2", []);
    await beat(4);
    expect(held()).toEqual([]);
    expect(watcher.names()).toEqual(["host-0", "host-1", "host-2", "host-4", "host-5", "watcher"]);
  });

  it("lets a held host go that says goodbye, or comes back under another name", async () => {
    const { clock, network, watcher, beat, silence, held } = await fleetOf(6, { guard });
    const ports = [network.port().up(), network.port().up(), network.port().up()] as const;
    const ours = ports.map((port, index) => daemon(clock, [port], { hostname: `ours-${index}` }));
    for (const { presence } of ours) await presence.start();
    await beat(2);
    const names = watcher.names();
    silence("host-1", "host-2", "host-3");
    for (const port of ports) port.down();
    await beat(TTL_PERIODS);
    expect(held()).toEqual(["host-1", "host-2", "host-3", "ours-0", "ours-1", "ours-2"]);
    expect(watcher.names()).toEqual(names);

    network.inject(encodePacket({ message: "goodbye", hostname: "host-1", labels: [] }));
    // Connected again, and told to stop before it could say anything else.
    network.unplug(ports[0]);
    const [said] = network.published.flatMap(
      ({ message }) => /"hostname":"ours-0".*"instance":"([^"]+)"/.exec(message)?.[1] ?? [],
    );
    network.inject(JSON.stringify({ type: "goodbye", instance: said }), "lobby:discovery.ext");
    ours[1]!.local.hostname = "renamed";
    ports[1].up();
    await beat(1);
    expect(held()).toEqual(["host-2", "host-3", "ours-2"]);
    expect(watcher.names()).toEqual(["host-0", "host-2", "host-3", "host-4", "host-5", "ours-2", "renamed", "watcher"]);
  });

  it("is handed on: a daemon that starts meanwhile does not serve an emptied fleet", async () => {
    const { clock, network, watcher, beat, silence } = await fleetOf(10, { guard });
    await beat(2);
    silence("host-1", "host-2", "host-3", "host-4", "host-5");
    await beat(TTL_PERIODS);
    const late = daemon(clock, [network.port().up()], { hostname: "late", guard });
    await late.presence.start();
    await beat(1);
    expect(late.names()).toEqual(watcher.names());
    await beat(TTL_PERIODS * 2);
    expect(late.names()).toEqual(watcher.names());
  });
});

describe("linger", () => {
  it("exports an expired host a while longer, and only exports it", async () => {
    const { clock, watcher, beat, silence, network } = await fleetOf(4, { lingerMs: 60_000 });
    await beat(2);
    const changes: string[] = [];
    watcher.presence.onChange(({ hostname, reason }) => changes.push(`${hostname} ${reason}`));
    silence("host-1", "host-2");
    await beat(TTL_PERIODS + 1);
    expect(watcher.names()).toEqual(["host-0", "host-3", "watcher"]);
    const exported = watcher.presence.exported();
    expect(exported.map(({ status }) => status)).toEqual(["alive", "lingering", "lingering", "alive", "alive"]);
    expect(watcher.presence.exported()).toBe(exported);
    network.inject(encodePacket({ message: "hi", hostname: "host-2", labels: [] }));
    await clock.advance(61_000);
    expect(changes.slice(0, 3)).toEqual(["host-1 expired", "host-2 expired", "host-2 joined"]);
    expect(watcher.presence.exported().map(({ hostname }) => hostname)).not.toContain("host-1");
  });

  it("ends with a goodbye", async () => {
    const { clock, watcher, beat, silence, network } = await fleetOf(4, { lingerMs: 60_000 });
    await beat(2);
    silence("host-1");
    await beat(TTL_PERIODS + 1);
    expect(watcher.presence.exported().map(({ hostname }) => hostname)).toContain("host-1");
    network.inject(encodePacket({ message: "goodbye", hostname: "host-1", labels: [] }));
    await clock.advance(10);
    expect(watcher.presence.exported().map(({ hostname }) => hostname)).not.toContain("host-1");
  });
});
