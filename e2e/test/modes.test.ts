import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitUntil } from "@org/discovery-test-servers";
import { expect, test } from "vitest";
import { Discoveryd, type DiscoverydOptions } from "./discoveryd.ts";
import { redisForTest, subscribe } from "./redis.ts";

const PATIENCE_MS = 30_000;

test("REGISTER=false only listens, LISTEN=false only announces, DISABLE_API answers nobody", async () => {
  const redis = await redisForTest();
  const announced = await subscribe(redis);
  const start = (hostname: string, options: DiscoverydOptions, keepAlive = "500ms"): Promise<Discoveryd> => {
    const flags = ["--driver", "redis", "--redis-url", redis.url, "--hostname", hostname, "--keep-alive", keepAlive];
    return Discoveryd.start({ ...options, flags: [...flags, "--ttl", "10m"] });
  };
  const listener = await start("listener.example.com", { env: { REGISTER: "false" } });
  const [speaker, silent] = await Promise.all([
    // By itself it speaks again only when the test is over.
    start("speaker.example.com", { env: { LISTEN: "false" } }, "5m"),
    start("silent.example.com", { env: { DISABLE_API: "true" }, until: "spawned" }),
  ]);

  const known = ["silent.example.com", "speaker.example.com"];
  await waitUntil("the listener knows both", async () => (await listener.hosts()).length === 2, PATIENCE_MS);
  expect(await listener.hostnames()).toEqual(known);

  expect((await speaker.fetch("/readyz")).status).toBe(200);
  for (const path of ["/", "/v1/prometheus/node", "/v1/sd/hosts"]) {
    expect([path, (await speaker.fetch(path)).status]).toEqual([path, 501]);
  }
  expect(await speaker.addLabels("service:web")).toBe("OK");
  const labelled = async (): Promise<boolean> =>
    (await listener.text("/v1/resolve?label=service:web")).includes("speaker");
  await waitUntil("the listener has the new label at once", labelled, PATIENCE_MS);

  await expect(silent.fetch("/healthz")).rejects.toThrow("fetch failed");
  expect(await silent.end("SIGTERM")).toMatchObject({ code: 0 });
  await waitUntil("it has said goodbye", async () => (await listener.hosts()).length === 1, PATIENCE_MS);

  // With REGISTER=false labels are kept and not announced.
  expect(await listener.addLabels("service:hidden")).toBe("OK");
  expect(await listener.json("/v1/discovery")).toMatchObject({ labels: ["service:hidden"] });
  expect(announced.filter((message) => message.includes("listener.example.com"))).toEqual([]);
});

test("labels of files are read anew for each announcement, and the API cannot delete them", async () => {
  const redis = await redisForTest();
  const daemon = await Discoveryd.start({
    env: { LABELS: "from:environment" },
    flags: ["--driver", "redis", "--redis-url", redis.url, "--hostname", "a.example.com", "--keep-alive", "300ms"],
  });
  await mkdir(daemon.labelsPath, { recursive: true });
  await writeFile(join(daemon.labelsPath, "by-hand"), "from:file\n\n  from:environment  \n");
  const labels = async (): Promise<unknown> => (await daemon.hosts())[0]?.labels;
  const isAnnounced = async (): Promise<boolean> => JSON.stringify(await labels()).includes("from:file");
  await waitUntil("the file is announced", isAnnounced, PATIENCE_MS);
  expect(await labels()).toEqual(["from:environment", "from:file"]);

  await daemon.addLabels("from:api");
  expect(await labels()).toEqual(["from:api", "from:environment", "from:file"]);
  const remove = (body: string): Promise<Response> => daemon.fetch("/v1/labels", { method: "DELETE", body });
  for (const fixed of ["from:file", "from:environment"]) {
    const refused = await remove(fixed);
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain(fixed);
  }
  expect((await remove("from:api")).status).toBe(200);
  expect(await labels()).toEqual(["from:environment", "from:file"]);
});
