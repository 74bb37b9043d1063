import { chmod, glob, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type PrometheusServer, startPrometheus, waitUntil } from "@org/discovery-test-servers";
import { expect, onTestFinished, test } from "vitest";
import { Discoveryd } from "./discoveryd.ts";
import { redisForTest } from "./redis.ts";

const SERVER = "prometheus1.example.com";
/** The promise: a change is in the file within a second. */
const SECOND_MS = 1000;
/** What a busy machine adds differs from round to round; the best of so many shows what the daemons need. */
const ROUNDS = 8;
const PROMETHEUS_MS = 30_000;
/** What a daemon may take to stop; it ends with 1 where it takes longer itself. */
const STOP_MS = 5000;

interface TargetsAnswer {
  readonly data: { readonly activeTargets: readonly { readonly labels: Readonly<Record<string, string>> }[] };
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "discovery-targets-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Files with their targets. A file that is no whole list is an error. */
async function targetsIn(directory: string): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for await (const name of glob("**/*.json", { cwd: directory })) {
    const groups = JSON.parse(await readFile(join(directory, name), "utf8")) as { targets: string[] }[];
    found[name] = groups.flatMap(({ targets }) => targets);
  }
  return found;
}

/** A daemon on that backend that knows its registry: an empty one it believes only after a while. */
async function daemonThatKnows(store: readonly string[]): Promise<Discoveryd> {
  const daemon = await Discoveryd.start({ flags: store });
  await waitUntil("the registry is known", async () => (await daemon.fetch("/v1/services")).status === 200);
  return daemon;
}

async function post(daemon: Discoveryd, path: string, body: object): Promise<void> {
  const response = await daemon.fetch(path, { method: "POST", body: JSON.stringify(body) });
  expect([response.status, await response.text()]).toEqual([200, expect.any(String)]);
}

function exporter(directory: string, ...flags: readonly string[]): Promise<Discoveryd> {
  return Discoveryd.start({ flags: ["exporter", "--server", SERVER, "--directory", directory, ...flags] });
}

/** One job for services to scrape, one for a blackbox exporter that nobody needs to run. */
async function prometheusOn(directory: string): Promise<PrometheusServer> {
  const job = (namespace: string) => ({
    job_name: namespace,
    file_sd_configs: [{ files: [join(directory, SERVER, namespace, "*.json")] }],
  });
  const viaBlackbox = [
    { source_labels: ["__address__"], target_label: "__param_target" },
    { source_labels: ["__param_target"], target_label: "instance" },
    { target_label: "__address__", replacement: "127.0.0.1:9115" },
  ];
  const config = { scrape_configs: [job("default"), { ...job("probes"), relabel_configs: viaBlackbox }] };
  const prometheus = await startPrometheus({ config });
  onTestFinished(() => prometheus.stop());
  return prometheus;
}

async function scraped(prometheus: PrometheusServer): Promise<string[]> {
  const { data } = (await (await fetch(`${prometheus.url}/api/v1/targets`)).json()) as TargetsAnswer;
  return data.activeTargets.map(({ labels }) => `${labels["job"]} ${labels["instance"]}`).toSorted();
}

function scrapes(prometheus: PrometheusServer, ...expected: readonly string[]): Promise<void> {
  const isSo = async (): Promise<boolean> => JSON.stringify(await scraped(prometheus)) === JSON.stringify(expected);
  return waitUntil(`Prometheus scrapes ${expected.join(", ")}`, isSo, PROMETHEUS_MS);
}

function holds(directory: string, expected: Record<string, string[]>): Promise<void> {
  const isSo = async (): Promise<boolean> => {
    const found = await targetsIn(join(directory, SERVER));
    return isDeepStrictEqual(sorted(found), sorted(expected));
  };
  return waitUntil(`the files say ${JSON.stringify(expected)}`, isSo);
}

function sorted(files: Record<string, string[]>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(files).map(([file, targets]) => [file, targets.toSorted()]));
}

test(
  "Prometheus keeps its targets over restarts of backend, daemon, exporter and itself",
  { timeout: 240_000 },
  async () => {
    const redis = await redisForTest({});
    const directory = await temporaryFolder();
    const store = ["--driver", "redis", "--redis-url", redis.url];
    const daemon = await daemonThatKnows(store);
    await post(daemon, "/v1/servers", { name: SERVER });
    await post(daemon, "/v1/namespaces", { name: "probes", export: "blackbox" });
    await post(daemon, "/v1/services", { name: "node", endpoint: "http://a.example.com:9100/metrics" });
    await post(daemon, "/v1/services", { name: "web", endpoint: "https://w.example.com/", namespace: "probes" });
    const writing = await exporter(directory, "--from", daemon.url);
    const prometheus = await prometheusOn(directory);
    const all = ["node a.example.com:9100", "probes https://w.example.com/"];
    await scrapes(prometheus, ...all);

    await post(daemon, "/v1/services", { name: "node", endpoint: "http://b.example.com:9100/metrics" });
    const files = {
      "default/node.json": ["a.example.com:9100", "b.example.com:9100"],
      "probes/web.json": ["https://w.example.com/"],
    };
    await holds(directory, files);
    const more = [all[0] ?? "", "node b.example.com:9100", all[1] ?? ""];
    await scrapes(prometheus, ...more);

    // Everything but the files is killed, and comes back alone, in the worst order.
    await daemon.kill();
    await redis.kill();
    await prometheus.restart();
    await scrapes(prometheus, ...more);
    await writing.restart("alive");
    expect((await writing.fetch("/readyz")).status).toBe(503);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await holds(directory, files);
    await redis.restart({ empty: true });
    await daemon.restart();
    // With what it has saved it answers at once; changes it takes when that is written back.
    await waitUntil("it has written its registry back", async () => {
      const { status, headers } = await daemon.fetch("/v1/servers");
      return status === 200 && headers.get("X-Discovery-Stale") === null;
    });
    expect(await daemon.text("/v1/servers")).toContain(SERVER);
    await writing.waitFor("/readyz");
    await holds(directory, files);
    expect(await scraped(prometheus)).toEqual(more);

    await post(daemon, "/v1/services", { name: "node", endpoint: "http://c.example.com:9100/metrics" });
    await holds(directory, { ...files, "default/node.json": [...files["default/node.json"], "c.example.com:9100"] });
    const gone = await daemon.fetch("/v1/services/probes?id=https%3A%2F%2Fw.example.com%2F", { method: "DELETE" });
    expect(gone.status).toBe(200);
    await holds(directory, {
      "default/node.json": [...files["default/node.json"], "c.example.com:9100"],
      "probes/web.json": [],
    });
    await scrapes(prometheus, ...more.slice(0, 2), "node c.example.com:9100");
  },
);

test(
  "from the store itself, the lists are those of http_sd, and a drained server's stay",
  { timeout: 120_000 },
  async () => {
    const redis = await redisForTest();
    const directory = await temporaryFolder();
    const store = ["--driver", "redis", "--redis-url", redis.url];
    const [daemon, writing] = await Promise.all([
      daemonThatKnows(store),
      Discoveryd.start({
        until: "alive",
        flags: ["exporter", "--server", SERVER, "--directory", directory, "--resync-interval", "1s", ...store],
      }),
    ]);
    await waitUntil("it waits", async () => (await writing.text("/readyz")).includes("is not registered"));
    await post(daemon, "/v1/servers", { name: SERVER });
    for (const endpoint of ["http://a:9100/m", "http://b:9100/m"]) {
      await post(daemon, "/v1/services", { name: "node", endpoint });
    }
    const files = { "default/node.json": ["a:9100", "b:9100"] };
    await holds(directory, files);
    const path = join(directory, SERVER, "default/node.json");
    expect(await readFile(path, "utf8")).toBe(await daemon.text(`/v1/sd/${SERVER}/default`));

    await writeFile(path, "");
    await chmod(path, 0o644);
    await waitUntil("it is put right", async () => (await readFile(path, "utf8")) !== "");
    await holds(directory, files);

    await post(daemon, `/v1/servers/${SERVER}/drain`, {});
    await waitUntil("it waits", async () => (await writing.text("/readyz")).includes("is leaving"));
    await holds(directory, files);
    await post(daemon, `/v1/servers/${SERVER}/activate`, {});
    await writing.waitFor("/readyz");
    await holds(directory, files);

    await expect(exporter(directory, ...store)).rejects.toThrow("another exporter writes there");
    await writing.kill();
    await writing.restart();
    const { code, ms } = await writing.end("SIGTERM");
    expect(code).toBe(0);
    expect(ms).toBeLessThan(STOP_MS);
    await holds(directory, files);
    expect((await writing.logLines()).filter(({ level }) => level === "error")).toEqual([]);
  },
);

test("a change is in the file within a second", { timeout: 120_000 }, async () => {
  const redis = await redisForTest();
  const directory = await temporaryFolder();
  const daemon = await daemonThatKnows(["--driver", "redis", "--redis-url", redis.url]);
  await post(daemon, "/v1/servers", { name: SERVER });
  const writing = await exporter(directory, "--from", daemon.url);
  const delays: number[] = [];
  while (delays.length < ROUNDS && !delays.some((delay) => delay < SECOND_MS)) {
    const job = `job-${delays.length}`;
    await post(daemon, "/v1/services", { name: job, endpoint: `http://${job}.example.com` });
    const postedAt = performance.now();
    const isThere = async (): Promise<boolean> => `default/${job}.json` in (await targetsIn(join(directory, SERVER)));
    await waitUntil("the file is there", isThere);
    delays.push(performance.now() - postedAt);
  }
  expect(Math.min(...delays)).toBeLessThan(SECOND_MS);
  expect(await writing.text("/readyz")).toBe("ready");
});
