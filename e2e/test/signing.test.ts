import { createHmac } from "node:crypto";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { waitUntil } from "@org/discovery-test-servers";
import { expect, test } from "vitest";
import { Discoveryd } from "./discoveryd.ts";
import { folderForTest } from "./folder.ts";
import { OriginalLobby } from "./original-lobby.ts";
import { lobbyPacket } from "./redis.ts";
import { newWire, record, type Wire } from "./wire.ts";

const KEEP_ALIVE_MS = 500;
/** Longer than any stall of the machine, and of the process that plays the original. */
const TTL_MS = 6000;
/** Who is only kept alive by being believed would be gone by then. */
const LONGER_THAN_TTL_MS = 1.5 * TTL_MS;
const PATIENCE_MS = TTL_MS + 30_000;
const LOOK_EVERY_MS = 50;

/** A daemon on the wire; its name is the first word of the hostname. */
function daemonOn(
  wire: Wire,
  name: string,
  env: Readonly<Record<string, string>>,
  ttlMs = TTL_MS,
): Promise<Discoveryd> {
  const flags = [...wire.flags, "--hostname", `${name}.example.com`, "--guard-share", "100%"];
  const times = ["--keep-alive", "500ms", "--ttl", `${ttlMs}ms`, "--clean-every", "500ms"];
  return Discoveryd.start({ env, flags: [...flags, ...times] });
}

async function names(daemon: Discoveryd): Promise<string> {
  return (await daemon.hostnames()).map((hostname) => hostname.replace(".example.com", "")).join();
}

/** HMAC-SHA256 over channel, time and text, cut to 96 bits: computed here by itself, so that the format can't drift. */
function seal(key: string, channel: string, { text, at }: { text: string; at: number }): string {
  const stamp = at.toString(36);
  const mac = createHmac("sha256", key).update(`${channel}\n${stamp}\n${text}`).digest().subarray(0, 12);
  return `${stamp}.${mac.toString("base64url")}`;
}

/** The packet of a host as a holder of the key would send it. */
function signed(key: string, channel: string, { text, at }: { text: string; at: number }): string {
  return `${text.slice(0, -1)},"sig":"${seal(key, channel, { text, at })}"}`;
}

function unproven(daemon: Discoveryd, reason: string, dropped = true): Promise<number> {
  return daemon.metric(`discovery_packets_unproven_total{reason="${reason}",dropped="${dropped}"}`);
}

const REASONS = ["forged", "replayed", "stale", "unsigned"];

test("unsigned, forged, stale and replayed packets are dropped and counted, on both channels", async () => {
  const wire = await newWire.redis();
  const { channel } = wire;
  const peers = await record(wire, `${channel}.ext`);
  const env = { SIGNING_KEY: "secret" };
  // Who announced once stays listed for the whole test.
  const [a, b] = await Promise.all([daemonOn(wire, "a", env, 300_000), daemonOn(wire, "b", env, 300_000)]);
  await waitUntil(
    "they believe each other",
    async () => `${await names(a)};${await names(b)}` === "a,b;a,b",
    PATIENCE_MS,
  );
  // Of what was said before it came a daemon can't tell that it is said again.
  const holder = signed("secret", channel, { text: lobbyPacket("c.example.com", []), at: Date.now() });
  await wire.publish(channel, holder);
  await waitUntil("a holder of the key is believed", async () => (await names(a)) === "a,b,c", PATIENCE_MS);
  const beats = (): string[] => peers.filter((message) => message.startsWith("b "));
  await waitUntil("there are heartbeats", () => beats().length > 0, PATIENCE_MS);
  const beat = beats().at(-1) ?? "";
  expect(Buffer.byteLength(beat)).toBeLessThanOrEqual(64);

  const text = lobbyPacket("evil.example.com", ["service:web"]);
  const now = Date.now();
  const goodbye = lobbyPacket("b.example.com", [], "goodbye");
  const hostile: readonly [reason: string, channel: string, message: string][] = [
    ["unsigned", channel, text],
    ["unsigned", channel, goodbye],
    ["unsigned", `${channel}.ext`, "b AAAAAAAAAAAA 1 AAAAAAAAAAA"],
    ["forged", channel, signed("guess", channel, { text, at: now })],
    ["forged", channel, signed("secret", channel, { text, at: now }).replace("service:web", "service:wab")],
    ["forged", `${channel}.ext`, signed("secret", channel, { text, at: now })],
    ["stale", channel, signed("secret", channel, { text, at: now - 31_000 })],
    ["stale", channel, signed("secret", channel, { text, at: now + 60_000 })],
    ["replayed", channel, holder],
    ["replayed", `${channel}.ext`, beat],
  ];
  for (const [, where, message] of hostile) await wire.publish(where, message);
  for (const daemon of [a, b]) {
    for (const reason of REASONS) {
      const expected = hostile.filter(([each]) => each === reason).length;
      const isCounted = async (): Promise<boolean> => (await unproven(daemon, reason)) >= expected;
      await waitUntil(`${reason} ones are counted`, isCounted, PATIENCE_MS);
      expect([reason, await unproven(daemon, reason)]).toEqual([reason, expected]);
    }
  }
  expect(await names(a)).not.toContain("evil");
  expect(await names(b)).not.toContain("evil");
  const warned = async (): Promise<string[]> => {
    const lines = (await a.logLines()).filter(({ msg }) => msg === "packet dropped: its signature does not hold");
    return lines.map(({ reason }) => String(reason)).toSorted();
  };
  // Lines are written behind the daemon's back.
  await waitUntil("one of each kind is logged", async () => (await warned()).length >= REASONS.length, PATIENCE_MS);
  expect(await warned()).toEqual(REASONS);

  expect(await a.log()).not.toContain("secret");
});

/** The steps of an exchange as SECURITY.md gives them, and who believes whom of two daemons that are at these. */
const PAIRS: readonly (readonly [step: string, other: string, believed: boolean])[] = [
  ["old", "old,new", true],
  ["old,new", "new,old", true],
  ["new,old", "new", true],
  ["old", "new", false],
];

test.each(PAIRS)("a daemon with the keys %s and one with %s: believed %s", async (step, other, believed) => {
  const wire = await newWire.redis();
  const file = join(await folderForTest(), "key");
  await writeFile(file, `${other}\n`);
  await chmod(file, 0o600);
  const [a, b] = await Promise.all([
    daemonOn(wire, "a", { SIGNING_KEY: step }),
    daemonOn(wire, "b", { SIGNING_KEY_FILE: file }),
  ]);
  const expected = believed ? "a,b;a,b" : "a;b";
  const isAsExpected = async (): Promise<boolean> => `${await names(a)};${await names(b)}` === expected;
  await waitUntil("each believes whom it should", isAsExpected, PATIENCE_MS);
  if (!believed) {
    await waitUntil("what is dropped is counted", async () => (await unproven(a, "forged")) > 3, PATIENCE_MS);
  }
  const end = performance.now() + LONGER_THAN_TTL_MS;
  while (performance.now() < end) {
    expect(await isAsExpected()).toBe(true);
    await pause(LOOK_EVERY_MS);
  }
});

test("SIGNING_MODE=warn accepts what is not signed, and counts it; what is signed, originals can read", async () => {
  const wire = await newWire.nats();
  const lobby = await OriginalLobby.start(wire, {
    hostname: "old.example.com",
    keepAliveMs: KEEP_ALIVE_MS,
    ttlMs: TTL_MS,
  });
  const [warns, unsigned] = await Promise.all([
    daemonOn(wire, "warns", { SIGNING_KEY: "secret", SIGNING_MODE: "warn" }),
    daemonOn(wire, "unsigned", {}),
  ]);
  const all = "old,unsigned,warns";
  const know = async (): Promise<boolean> => `${await names(warns)};${await names(unsigned)}` === `${all};${all}`;
  await waitUntil("all know all", know, PATIENCE_MS);
  await waitUntil("the original too", () => lobby.hosts.length === 3, PATIENCE_MS);
  await waitUntil("it is counted", async () => (await unproven(warns, "unsigned", false)) > 1, PATIENCE_MS);
  expect(await unproven(warns, "unsigned")).toBe(0);
  const end = performance.now() + LONGER_THAN_TTL_MS;
  while (performance.now() < end) {
    expect([await know(), lobby.hosts.length]).toEqual([true, 3]);
    await pause(LOOK_EVERY_MS);
  }
  expect(lobby.complaints).toEqual([]);
});

test("an original hears a fleet that does not believe it, without gaps", async () => {
  const wire = await newWire.redis();
  const lobby = await OriginalLobby.start(wire, {
    hostname: "old.example.com",
    keepAliveMs: KEEP_ALIVE_MS,
    ttlMs: TTL_MS,
  });
  const daemon = await daemonOn(wire, "a", { SIGNING_KEY: "secret" });
  await waitUntil("the original knows ours", () => lobby.hosts.length === 2, PATIENCE_MS);
  const end = performance.now() + LONGER_THAN_TTL_MS;
  while (performance.now() < end) {
    expect([lobby.hosts.length, await names(daemon)]).toEqual([2, "a"]);
    await pause(LOOK_EVERY_MS);
  }
  expect(lobby.complaints).toEqual([]);
});
