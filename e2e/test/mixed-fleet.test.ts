import { waitUntil } from "@org/discovery-test-servers";
import { describe, expect, test } from "vitest";
import { Discoveryd } from "./discoveryd.ts";
import { OriginalLobby } from "./original-lobby.ts";
import { newWire, record, type Wire } from "./wire.ts";

const KEEP_ALIVE_MS = 500;
const TTL_MS = 3000;
/** A message, and a look at what came of it. */
const AT_ONCE_MS = 1000;
/** A TTL, a look for the dead every half second, and a slow machine. */
const EXPIRY_MS = TTL_MS + 3000;

function ours(wire: Wire, hostname: string, labels = ""): Promise<Discoveryd> {
  const flags = [...wire.flags, "--hostname", hostname, "--labels", labels];
  return Discoveryd.start({ flags: [...flags, "--keep-alive", "500ms", "--ttl", "3s", "--clean-every", "500ms"] });
}

function original(wire: Wire, hostname: string, labels: readonly string[] = []): Promise<OriginalLobby> {
  return OriginalLobby.start(wire, { hostname, labels, keepAliveMs: KEEP_ALIVE_MS, ttlMs: TTL_MS });
}

async function listedBy(daemon: Discoveryd): Promise<string[]> {
  return (await daemon.hosts()).map(({ hostname, labels }) => `${hostname} ${labels.join()}`);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

describe.each(["redis", "nats"] as const)("originals and ours on %s", (backend) => {
  test("see each other, each other's changes, and each other's ends", async () => {
    const wire = await newWire[backend]();
    const lobby = await original(wire, "old.example.com", ["service:smtp", "a:b"]);
    const [a, b] = await Promise.all([ours(wire, "a.example.com", "service:web"), ours(wire, "b.example.com")]);
    const all = ["a.example.com service:web", "b.example.com ", "old.example.com a:b,service:smtp"];
    await waitUntil("the original knows all", () => lobby.hosts.join("; ") === all.join("; "), 2000);
    expect(await listedBy(a)).toEqual(all);
    expect(await listedBy(b)).toEqual(all);

    // Nobody is forgotten for as long as an original's patience lasts, and longer.
    const seen = new Set<string>();
    const end = performance.now() + 2 * TTL_MS;
    while (performance.now() < end) {
      for (const list of [lobby.hosts, await listedBy(a), await listedBy(b)]) seen.add(list.join("; "));
      await pause(50);
    }
    expect([...seen]).toEqual([all.join("; ")]);

    await a.addLabels("service:imap");
    const changed = "a.example.com service:imap,service:web";
    await waitUntil("the original knows our change", () => lobby.hosts.includes(changed), AT_ONCE_MS);
    lobby.labels = ["service:pop"];
    await lobby.announce();
    const knowsTheirs = async (): Promise<boolean> => (await listedBy(a)).includes("old.example.com service:pop");
    await waitUntil("we know theirs", knowsTheirs, AT_ONCE_MS);

    expect(await b.end("SIGTERM")).toMatchObject({ code: 0 });
    await waitUntil("the original heard our goodbye", () => lobby.hosts.length === 2, AT_ONCE_MS);
    await lobby.leave();
    await waitUntil("we heard theirs", async () => (await listedBy(a)).length === 1, AT_ONCE_MS);
    expect(await listedBy(a)).toEqual([changed]);
    expect(lobby.complaints).toEqual([]);
    expect(await a.metric("discovery_duplicate_hostnames_total")).toBe(0);
  });

  test("forget each other a TTL after a crash", async () => {
    const wire = await newWire[backend]();
    const [staying, crashing] = await Promise.all([
      original(wire, "old1.example.com"),
      original(wire, "old2.example.com"),
    ]);
    const [a, b] = await Promise.all([ours(wire, "a.example.com"), ours(wire, "b.example.com")]);
    await waitUntil("all are known to the original", () => staying.hosts.length === 4, 2000);
    expect(await listedBy(a)).toHaveLength(4);

    crashing.crash();
    await b.kill();
    await pause(TTL_MS - 1000);
    expect([staying.hosts.length, (await listedBy(a)).length]).toEqual([4, 4]);
    await waitUntil("the original forgot both", () => staying.hosts.length === 2, EXPIRY_MS);
    await waitUntil("so did we", async () => (await listedBy(a)).length === 2, EXPIRY_MS);
    expect(await listedBy(a)).toEqual(["a.example.com ", "old1.example.com "]);
    expect(staying.complaints).toEqual([]);
  });

  test("a fleet of ours goes over to heartbeats; one original brings the packets back within a keep-alive", async () => {
    const wire = await newWire[backend]();
    const [packets, peers] = [await record(wire), await record(wire, `${wire.channel}.ext`)];
    const daemons = await Promise.all([ours(wire, "a.example.com"), ours(wire, "b.example.com")]);
    const beatsOf = (messages: readonly string[]): string[] => messages.filter((message) => message.startsWith("b "));
    /** What was said on both channels in a while. */
    const said = async (ms: number): Promise<{ packets: string[]; peers: string[] }> => {
      const [from, fromPeers] = [packets.length, peers.length];
      await pause(ms);
      return { packets: packets.slice(from), peers: peers.slice(fromPeers) };
    };

    await pause(2 * KEEP_ALIVE_MS);
    const quiet = await said(10 * KEEP_ALIVE_MS);
    // A whole announcement of each daemon may fall into any minute.
    expect(quiet.packets.length).toBeLessThanOrEqual(daemons.length);
    expect(beatsOf(quiet.peers).length).toBeGreaterThanOrEqual(daemons.length * 8);
    expect(quiet.peers.length - beatsOf(quiet.peers).length).toBeLessThanOrEqual(daemons.length);
    for (const beat of beatsOf(quiet.peers)) expect(Buffer.byteLength(beat)).toBeLessThanOrEqual(64);
    for (const daemon of daemons) expect(await listedBy(daemon)).toHaveLength(2);

    const lobby = await original(wire, "old.example.com");
    await waitUntil("the original knows all", () => lobby.hosts.length === 3, KEEP_ALIVE_MS + AT_ONCE_MS);
    const mixed = await said(6 * KEEP_ALIVE_MS);
    const ofOurs = mixed.packets.filter((packet) => !packet.includes("old.example.com"));
    expect(ofOurs.length).toBeGreaterThanOrEqual(daemons.length * 5);
    expect(lobby.complaints).toEqual([]);

    await lobby.leave();
    await pause(2 * KEEP_ALIVE_MS);
    expect((await said(6 * KEEP_ALIVE_MS)).packets.length).toBeLessThanOrEqual(daemons.length);
  });
});
