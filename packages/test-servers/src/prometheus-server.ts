import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ServerProcess, type RestartOptions } from "./server-process.ts";

export interface PrometheusOptions {
  /** The configuration file: YAML as text, or an object. */
  readonly config: string | object;
  /** More of prometheus's own flags. */
  readonly args?: readonly string[];
}

export interface PrometheusServer {
  readonly port: number;
  /** `http://127.0.0.1:<port>`; the API is below `/api/v1`. */
  readonly url: string;
  /** The configuration file; POST to `/-/reload` after changing it. */
  readonly configFile: string;
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
  restart(options?: RestartOptions): Promise<void>;
  stop(): Promise<void>;
  log(): Promise<string>;
}

/** Starts a prometheus with the given configuration. */
export async function startPrometheus(options: PrometheusOptions): Promise<PrometheusServer> {
  const server = await ServerProcess.start(
    {
      command: "prometheus",
      args: ({ port, folder, data }) => [
        `--web.listen-address=127.0.0.1:${port}`,
        `--config.file=${configFile(folder)}`,
        `--storage.tsdb.path=${data}`,
        "--web.enable-lifecycle",
        ...(options.args ?? []),
      ],
      answers: ({ port, data }) => isReady(`http://127.0.0.1:${port}`, data),
    },
    // JSON is YAML.
    ({ folder }) => writeFile(configFile(folder), asText(options.config)),
  );
  const { port, folder } = server.place;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    configFile: configFile(folder),
    kill: () => server.kill(),
    freeze: () => server.freeze(),
    thaw: () => server.thaw(),
    restart: (how) => server.restart(how),
    stop: () => server.stop(),
    log: () => server.log(),
  };
}

function configFile(folder: string): string {
  return join(folder, "prometheus.yml");
}

function asText(config: string | object): string {
  return typeof config === "string" ? config : JSON.stringify(config);
}

/** Ready, and ours: it keeps its data where we told it to. */
async function isReady(url: string, data: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(1000);
    const ready = await fetch(`${url}/-/ready`, { signal });
    const flags = await fetch(`${url}/api/v1/status/flags`, { signal });
    return ready.ok && (await flags.text()).includes(JSON.stringify(data));
  } catch {
    return false;
  }
}
