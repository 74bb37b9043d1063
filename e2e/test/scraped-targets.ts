import { type PrometheusServer, startPrometheus } from "@org/discovery-test-servers";
import { onTestFinished } from "vitest";
import { scrapeProxy } from "./scrape-proxy.ts";

/** Where the lists of the example workflow come from: http_sd, or file_sd. */
export interface Discovery {
  readonly standard: object;
  readonly blackbox: object;
}

interface TargetsAnswer {
  readonly data: {
    readonly activeTargets: readonly {
      readonly labels: Readonly<Record<string, string>>;
      readonly scrapeUrl: string;
      readonly health: string;
    }[];
  };
}

/** A Prometheus with a job for the services and one for those behind a blackbox exporter, as the workflow ends with. */
export async function prometheusWith({ standard, blackbox }: Discovery): Promise<PrometheusServer> {
  const proxy = await scrapeProxy();
  const probe = {
    job_name: "blackbox",
    metrics_path: "/probe",
    proxy_url: proxy.url,
    ...blackbox,
    relabel_configs: [
      { source_labels: ["__address__"], target_label: "__param_target" },
      { source_labels: ["__param_target"], target_label: "instance" },
      { target_label: "__address__", replacement: "blackbox-exporter:9115" },
    ],
  };
  const prometheus = await startPrometheus({
    config: {
      global: { scrape_interval: "1s", scrape_timeout: "1s" },
      scrape_configs: [{ job_name: "http", proxy_url: proxy.url, ...standard }, probe],
    },
  });
  onTestFinished(() => prometheus.stop());
  return prometheus;
}

/** What it scrapes: the URL, the labels that the samples get, and the health unless that is `up`. */
export async function scrapedTargets({ url }: PrometheusServer): Promise<string[]> {
  const { data } = (await (await fetch(`${url}/api/v1/targets`)).json()) as TargetsAnswer;
  return data.activeTargets
    .map(({ scrapeUrl, labels, health }) => {
      const target = `${scrapeUrl} ${JSON.stringify(sorted(labels))}`;
      return health === "up" ? target : `${target} ${health}`;
    })
    .toSorted();
}

function sorted(labels: Readonly<Record<string, string>>): object {
  return Object.fromEntries(Object.entries(labels).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}
