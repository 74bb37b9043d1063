import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { waitUntil } from "@org/discovery-test-servers";
import { expect, test } from "vitest";
import { Discoveryd, type ListedHost } from "./discoveryd.ts";
import { lobbyPacket, publish, redisForTest } from "./redis.ts";

/** Longer than a busy machine lets a process stand still. */
const TTL_MS = 5000;

test("the callback reads all known hosts after each change, expiry included", async () => {
  const redis = await redisForTest();
  const daemon = await Discoveryd.start({
    // A line for each run, so that none is missed.
    env: { CALLBACK: `sh -c 'cat > seen.new && echo >> seen.new && cat seen.new >> seen'` },
    flags: [
      ...["--driver", "redis", "--redis-url", redis.url, "--hostname", "a.example.com"],
      ...["--ttl", `${TTL_MS}ms`, "--keep-alive", "500ms", "--clean-every", "500ms"],
      ...["--callback-first-run-delay", "0", "--callback-cooldown", "100ms"],
    ],
  });
  /** What each run so far was told. */
  const seen = async (): Promise<string[][]> => {
    const text = await readFile(join(daemon.folder, "seen"), "utf8").catch(() => "");
    // What stands after the last newline is a line that is still being written.
    const lines = text.split("\n").slice(0, -1);
    return lines.map((line) =>
      (JSON.parse(line) as ListedHost[]).map(({ hostname, labels }) => `${hostname} ${labels.join()}`),
    );
  };
  await waitUntil("it saw this host", async () => (await seen()).length === 1);
  // More than a pipe holds, of which the original never got to the end.
  const labels = Array.from({ length: 900 }, (_, index) => `${index}:`.padEnd(100, "x")).toSorted();
  await publish(redis, lobbyPacket("b.example.com", labels));
  await waitUntil("it saw the other come and expire", async () => (await seen()).length === 3);
  await daemon.addLabels("service:web");
  await waitUntil("it saw the label", async () => (await seen()).length === 4);
  expect(await seen()).toEqual([
    ["a.example.com "],
    ["a.example.com ", `b.example.com ${labels.join()}`],
    ["a.example.com "],
    ["a.example.com service:web"],
  ]);
  const runs = 'discovery_callback_runs_total{result="success"}';
  await waitUntil("all were counted", async () => (await daemon.metric(runs)) === 4);
});

test("several callbacks run, each with what changed", async () => {
  const keep = (name: string) => `sh -c 'cat <&3 >> ${name}'`;
  const daemon = await Discoveryd.start({
    flags: [
      ...["--hostname", "a.example.com", "--callback", keep("one"), "--callback", keep("two")],
      ...["--callback-first-run-delay", "0", "--callback-cooldown", "0", "--callback-min-wait", "100ms"],
    ],
  });
  const lines = (name: string) => readFile(join(daemon.folder, name), "utf8").catch(() => "");
  const joined = '[{"hostname":"a.example.com","reason":"joined"}]';
  await waitUntil("both ran", async () => (await lines("one")) === joined && (await lines("two")) === joined);
  await daemon.addLabels("service:web");
  const both = `${joined}[{"hostname":"a.example.com","reason":"changed"}]`;
  await waitUntil("both ran again", async () => (await lines("one")) === both && (await lines("two")) === both);
});

test("a callback that fails is logged with its status and output, and stops nothing", async () => {
  const daemon = await Discoveryd.start({
    env: { CALLBACK: `sh -c 'echo broken pipe dream >&2; exit 3'`, CALLBACK_FIRST_RUN_DELAY: "0" },
  });
  await waitUntil("it ran", async () => (await daemon.log()).includes("callback did not succeed"));
  expect(await daemon.log()).toMatch(/broken pipe dream/);
  expect((await daemon.fetch("/")).status).toBe(200);
});
