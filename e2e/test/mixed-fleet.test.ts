import { setTimeout as pause } from "node:timers/promises";
import { waitUntil } from "@org/discovery-test-servers";
import { describe, expect, test } from "vitest";
import { Discoveryd } from "./discoveryd.ts";
import { OriginalLobby } from "./original-lobby.ts";
import { newWire, type Wire } from "./wire.ts";

const KEEP_ALIVE_MS = 500;
/** Longer than any stall of the machine, and of the process that plays the original. */
const TTL_MS = 6000;
const PATIENCE_MS = TTL_MS + 30_000;
const LOOK_EVERY_MS = 50;

function ours(wire: Wire, hostname: string, labels = ""): Promise<Discoveryd> {
  const flags = [...wire.flags, "--hostname", hostname, "--labels", labels];
  const times = ["--keep-alive", `${KEEP_ALIVE_MS}ms`, "--ttl", `${TTL_MS}ms`, "--clean-every", "500ms"];
  return Discoveryd.start({ flags: [...flags, ...times] });
}

function original(wire: Wire, hostname: string, labels: readonly string[] = []): Promise<OriginalLobby> {
  return OriginalLobby.start(wire, { hostname, labels, keepAliveMs: KEEP_ALIVE_MS, ttlMs: TTL_MS });
}

async function listedBy(daemon: Discoveryd): Promise<string[]> {
  return (await daemon.hosts()).map(({ hostname, labels }) => `${hostname} ${labels.join()}`);
}

type Kind = "packet" | "heartbeat" | "other";

/** What our daemons say: lobby's packets, heartbeats, and what else they tell each other, in the order of the backend. */
async function kindsSaid(wire: Wire): Promise<readonly Kind[]> {
  const said: Kind[] = [];
  await wire.subscribe(wire.channel, (message) => {
    if (!message.includes("old.example.com")) said.push("packet");
  });
  await wire.subscribe(`${wire.channel}.ext`, (message) => {
    said.push(message.startsWith("b ") && Buffer.byteLength(message) <= 64 ? "heartbeat" : "other");
  });
  return said;
}

/** How many heartbeats came at most with nothing else between them. */
function longestQuiet(said: readonly Kind[]): number {
  let longest = 0;
  let quiet = 0;
  for (const kind of said) {
    quiet = kind === "heartbeat" ? quiet + 1 : 0;
    longest = Math.max(longest, quiet);
  }
  return longest;
}

describe.each(["redis", "nats"] as const)("originals and ours on %s", (backend) => {
  test("see each other, each other's changes, and each other's ends", async () => {
    const wire = await newWire[backend]();
    const lobby = await original(wire, "old.example.com", ["service:smtp", "a:b"]);
    const [a, b] = await Promise.all([ours(wire, "a.example.com", "service:web"), ours(wire, "b.example.com")]);
    const all = ["a.example.com service:web", "b.example.com ", "old.example.com a:b,service:smtp"].join("; ");
    const lists = async (): Promise<string[]> =>
      [lobby.hosts, await listedBy(a), await listedBy(b)].map((list) => list.join("; "));
    await waitUntil("all know all", async () => (await lists()).every((list) => list === all), PATIENCE_MS);

    // Nobody is forgotten for as long as an original's patience lasts, and longer.
    const seen = new Set<string>();
    const end = performance.now() + 1.5 * TTL_MS;
    while (performance.now() < end) {
      for (const list of await lists()) seen.add(list);
      await pause(LOOK_EVERY_MS);
    }
    expect([...seen]).toEqual([all]);

    await a.addLabels("service:imap");
    const changed = "a.example.com service:imap,service:web";
    await waitUntil("the original knows our change", () => lobby.hosts.includes(changed), PATIENCE_MS);
    lobby.labels = ["service:pop"];
    await lobby.announce();
    const knowsTheirs = async (): Promise<boolean> => (await listedBy(a)).includes("old.example.com service:pop");
    await waitUntil("we know theirs", knowsTheirs, PATIENCE_MS);

    expect(await b.end("SIGTERM")).toMatchObject({ code: 0 });
    await waitUntil("the original heard our goodbye", () => lobby.hosts.length === 2, PATIENCE_MS);
    expect(lobby.goodbyes).toEqual(["b.example.com"]);
    await waitUntil("so did we", async () => (await listedBy(a)).length === 2, PATIENCE_MS);
    await lobby.leave();
    await waitUntil("we heard theirs", async () => (await listedBy(a)).length === 1, PATIENCE_MS);
    expect(await a.metric('discovery_packets_received_total{result="goodbye"}')).toBe(2);
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
    const counts = async (): Promise<number[]> => [staying.hosts.length, (await listedBy(a)).length];
    await waitUntil("all are known to all", async () => (await counts()).join() === "4,4", PATIENCE_MS);

    crashing.crash();
    await b.kill();
    // Half a TTL is left to whoever was last heard a stall before it died.
    const earliest = performance.now() + TTL_MS / 2;
    for (let known = await counts(); performance.now() < earliest; known = await counts()) {
      expect(known).toEqual([4, 4]);
      await pause(LOOK_EVERY_MS);
    }
    await waitUntil("the original forgot both", () => staying.hosts.length === 2, PATIENCE_MS);
    await waitUntil("so did we", async () => (await listedBy(a)).length === 2, PATIENCE_MS);
    expect(await listedBy(a)).toEqual(["a.example.com ", "old1.example.com "]);
    expect(staying.complaints).toEqual([]);
  });

  test("a fleet of ours goes over to heartbeats; one original brings the packets back, until it leaves", async () => {
    const wire = await newWire[backend]();
    const said = await kindsSaid(wire);
    const [a, b] = await Promise.all([ours(wire, "a.example.com"), ours(wire, "b.example.com")]);
    const both = "a.example.com ; b.example.com ";
    // Eight keep-alives of both; a whole announcement comes once a minute, and after a stall.
    const isQuiet = (from: number): boolean => longestQuiet(said.slice(from)) >= 16;
    await waitUntil("they only send heartbeats", () => isQuiet(0), PATIENCE_MS);
    for (const daemon of [a, b]) {
      await waitUntil("they know each other", async () => (await listedBy(daemon)).join("; ") === both, PATIENCE_MS);
    }

    const lobby = await original(wire, "old.example.com");
    await waitUntil("the original knows all", () => lobby.hosts.length === 3, PATIENCE_MS);
    const from = said.length;
    const count = (kind: Kind): number => said.slice(from).filter((each) => each === kind).length;
    await waitUntil("there are packets", () => count("packet") >= 10, PATIENCE_MS);
    // Each announcement is a heartbeat and a packet, but for the one of each daemon that was under way.
    expect(count("heartbeat")).toBeLessThanOrEqual(count("packet") + 2);
    expect(lobby.complaints).toEqual([]);

    await lobby.leave();
    const left = said.length;
    await waitUntil("they only send heartbeats again", () => isQuiet(left), PATIENCE_MS);
  });
});
