import { type PrometheusServer, startPrometheus, waitUntil } from "@org/discovery-test-servers";
import { expect, onTestFinished, test } from "vitest";
import { Discoveryd } from "./discoveryd.ts";
import { lobbyPacket, publish, redisForTest } from "./redis.ts";

/** Longer than a busy machine lets a process stand still, with the silence of a keep-alive before and after. */
const TTL_MS = 5000;
const TIMES = ["--ttl", `${TTL_MS}ms`, "--keep-alive", "500ms", "--clean-every", "500ms"];
/** Within this time of Redis' return everything is right again. */
const RECOVERY_MS = 2000;
/** What Prometheus itself may take from an answer to its targets, besides the refresh interval (see docs/prometheus.md). */
const PROMETHEUS_MS = 30_000;

interface TargetsAnswer {
  readonly data: { readonly activeTargets: readonly { readonly labels: Readonly<Record<string, string>> }[] };
}

async function prometheusOn(url: string): Promise<PrometheusServer> {
  const job = {
    job_name: "node",
    http_sd_configs: [{ url: `${url}/v1/prometheus/node`, refresh_interval: "1s" }],
  };
  const prometheus = await startPrometheus({ config: { scrape_configs: [job] } });
  onTestFinished(() => prometheus.stop());
  return prometheus;
}

async function targets(prometheus: PrometheusServer): Promise<string[]> {
  const answer = await fetch(`${prometheus.url}/api/v1/targets`);
  const { data } = (await answer.json()) as TargetsAnswer;
  return data.activeTargets.map(({ labels }) => `${labels["instance"]} in ${labels["site"]}`).toSorted();
}

test(
  "a label becomes a target, which outlives a Redis that is away for longer than the TTL",
  { timeout: 180_000 },
  async () => {
    const redis = await redisForTest();
    const start = (hostname: string, until: "ready" | "alive" = "ready"): Promise<Discoveryd> =>
      Discoveryd.start({
        until,
        flags: ["--driver", "redis", "--redis-url", redis.url, "--hostname", hostname, ...TIMES],
      });
    const [a, b] = await Promise.all([start("a.example.com"), start("b.example.com")]);
    const prometheus = await prometheusOn(b.url);

    await a.addLabels("prometheus:node:port:9200", "prometheus:node:site:prague");
    await waitUntil("b has the label", async () =>
      (await b.text("/v1/prometheus/node")).includes("a.example.com:9200"),
    );
    const expected = ["a.example.com:9200 in prague"];
    await waitUntil("the target is there", async () => (await targets(prometheus)).length > 0, PROMETHEUS_MS);
    expect(await targets(prometheus)).toEqual(expected);

    await redis.kill();
    for (const daemon of [a, b]) {
      await waitUntil("it knows that it is stale", async () =>
        (await daemon.fetch("/")).headers.has("X-Discovery-Stale"),
      );
    }
    const lostAt = performance.now();
    const newcomer = await start("new.example.com", "alive");
    expect((await newcomer.fetch("/readyz")).status).toBe(503);
    while (performance.now() - lostAt < 2 * TTL_MS) {
      for (const daemon of [a, b]) expect(await daemon.hostnames()).toEqual(["a.example.com", "b.example.com"]);
      expect(await targets(prometheus)).toEqual(expected);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const stale = Number((await b.fetch("/v1/prometheus/node")).headers.get("X-Discovery-Stale"));
    expect(stale).toBeGreaterThanOrEqual(TTL_MS / 1000);

    await newcomer.addLabels("prometheus:node:site:brno");
    await redis.restart();
    const all = ["a.example.com", "b.example.com", "new.example.com"];
    await waitUntil(
      "everybody knows everybody",
      async () => {
        const lists = await Promise.all([a, b, newcomer].map(async (daemon) => daemon.text("/")));
        return lists.every((list) => all.every((name) => list.includes(`"${name}"`)));
      },
      RECOVERY_MS,
    );
    for (const daemon of [a, b, newcomer]) {
      const answer = await daemon.fetch("/");
      expect([answer.status, answer.headers.get("X-Discovery-Stale")]).toEqual([200, null]);
    }
    await waitUntil("the new target is there", async () => (await targets(prometheus)).length === 2, PROMETHEUS_MS);
    expect(await targets(prometheus)).toEqual([...expected, "new.example.com:9100 in brno"]);
  },
);

test(
  "a host that died while Redis was away goes when its TTL is over, and no sooner",
  { timeout: 60_000 },
  async () => {
    const redis = await redisForTest();
    const start = (hostname: string): Promise<Discoveryd> =>
      Discoveryd.start({ flags: ["--driver", "redis", "--redis-url", redis.url, "--hostname", hostname, ...TIMES] });
    const [a, doomed] = await Promise.all([start("a.example.com"), start("doomed.example.com")]);
    await publish(redis, lobbyPacket("original.example.com", ["service:old"]));
    const all = ["a.example.com", "doomed.example.com", "original.example.com"];
    await waitUntil("a lists all", async () => (await a.hostnames()).length === 3);

    await redis.kill();
    await waitUntil("a notices", async () => (await a.fetch("/")).headers.has("X-Discovery-Stale"));
    await doomed.kill();
    await new Promise((resolve) => setTimeout(resolve, TTL_MS + 1000));
    expect(await a.hostnames()).toEqual(all);

    // Before a can have been back.
    const earliestMs = performance.now();
    await redis.restart();
    await waitUntil("a is back", async () => !(await a.fetch("/")).headers.has("X-Discovery-Stale"), RECOVERY_MS);
    await waitUntil("the dead are gone", async () => (await a.hostnames()).length === 1);
    expect(performance.now() - earliestMs).toBeGreaterThan(TTL_MS);
    expect(await a.hostnames()).toEqual(["a.example.com"]);
  },
);
