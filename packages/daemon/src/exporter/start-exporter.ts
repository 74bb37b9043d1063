import { DiscoveryError, isDiscoveryError, toError } from "@org/discovery-core";
import type { Config } from "../config/options.ts";
import { CLOSE_MS, type Daemon, type Surroundings } from "../discoveryd.ts";
import { createDrivers } from "../drivers/create-drivers.ts";
import { startHttpServer } from "../http/server.ts";
import { createMetrics, type Metrics } from "../metrics.ts";
import { DirectoryLock } from "./directory-lock.ts";
import { exporterApp } from "./exporter-app.ts";
import { createExporterMetrics, type ExporterMetrics } from "./exporter-metrics.ts";
import { Exporter } from "./exporter.ts";
import type { Source } from "./source.ts";
import { StoreSource } from "./store-source.ts";
import { StreamSource } from "./stream-source.ts";
import { TargetFolder } from "./target-folder.ts";

interface Parts extends Surroundings {
  readonly server: string;
  readonly metrics: Metrics;
  readonly exporterMetrics: ExporterMetrics;
}

/**
 * Starts an exporter: the one place that makes its parts and joins them. Resolves when it runs, whether or not the source can be
 * reached and the directory written.
 *
 * @throws DiscoveryError `invalid_argument` without the name of a server, and for options that a driver refuses; `unavailable` where
 * another exporter has the directory, or the address is taken.
 */
export async function startExporter(config: Config, surroundings: Surroundings): Promise<Daemon> {
  const { server, directory, fileMode, resyncMs } = config.exporter;
  if (server === undefined) throw new DiscoveryError("invalid_argument", "--server: expected the name of a server");
  const metrics = createMetrics();
  const parts = { ...surroundings, server, metrics, exporterMetrics: createExporterMetrics(metrics.registry) };
  const lock = takeLock(directory, surroundings);
  try {
    const source = await createSource(config, parts);
    const folder = new TargetFolder({ directory, server, mode: fileMode });
    const exporter = new Exporter({ ...parts, metrics: parts.exporterMetrics, source, folder, lock, resyncMs });
    const app = exporterApp({ ...parts, waiting: () => exporter.waiting, doubt: () => source.doubt() });
    const http = await startHttpServer({
      ...surroundings,
      fetch: (request) => app.fetch(request),
      ...config.http.listen,
      limits: { closeMs: CLOSE_MS },
    });
    exporter.start();
    await source.start();
    let closed: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      await Promise.all([exporter.stop(), source.stop(), http.close()]);
      lock.release();
    };
    return { address: http.address, close: () => (closed ??= close()) };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** A directory that cannot be written now may be later; one that somebody else has is a mistake. */
function takeLock(directory: string, { log }: Surroundings): DirectoryLock {
  const lock = new DirectoryLock(directory);
  try {
    if (lock.acquire()) return lock;
  } catch (error) {
    if (!isDiscoveryError(error, "unavailable")) throw error;
    log.error({ err: toError(error) }, "the directory can't be written; trying again");
    return lock;
  }
  throw new DiscoveryError("unavailable", `${directory}: another exporter writes there; it holds ${lock.path}`);
}

async function createSource(config: Config, parts: Parts): Promise<Source> {
  const { from } = config.exporter;
  if (from !== undefined) return new StreamSource({ ...parts, url: from, token: config.http.token });
  const drivers = await createDrivers(config, parts);
  if (drivers.every(({ driver }) => driver.bus.reach === "process")) {
    parts.log.warn(
      {},
      "this driver is within one process and no other daemon can share it; --from follows one instead",
    );
  }
  return StoreSource.create(config, { ...parts, drivers });
}
