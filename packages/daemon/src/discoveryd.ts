import type { Clock, Log } from "@org/discovery-core";
import { startCallback } from "./callback/callback.ts";
import type { Notifier } from "./callback/notifier.ts";
import type { Kill, RunResult } from "./callback/run-command.ts";
import type { Settings } from "./config/given.ts";
import type { Config } from "./config/options.ts";
import { connectDriver } from "./drivers/connect-driver.ts";
import { createDrivers, type HostedDriver } from "./drivers/create-drivers.ts";
import { reportLink } from "./drivers/link-reporter.ts";
import { createApp } from "./http/app.ts";
import { type HttpServer, startHttpServer } from "./http/server.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { PresenceFacade } from "./presence/presence-facade.ts";
import { PresenceService } from "./presence/presence-service.ts";
import { RegistryService } from "./registry/registry-service.ts";
import { startWebhook, type DeliveryResult } from "./webhook/webhook.ts";

/** What a daemon takes from its process. */
export interface Surroundings {
  readonly clock: Clock;
  readonly log: Log;
  /** As `Math.random`. */
  readonly random: () => number;
  /** As `process.kill`. */
  readonly kill: Kill;
  /** The folder that the process was started in. */
  readonly folder: string;
  /** Where the configuration came from, for what is said of mistakes in it. */
  readonly settings: Settings;
}

/** A daemon that runs. */
export interface Daemon {
  /** `host:port` of the HTTP API; `undefined` where it is disabled. */
  readonly address: string | undefined;
  /** Says goodbye, answers what is under way, and stops. Idempotent. */
  close(): Promise<void>;
}

/** How long a request under way may take when the daemon stops, in milliseconds; less than the grace of `runDaemon`. */
export const CLOSE_MS = 3000;

interface Parts extends Surroundings {
  readonly config: Config;
  readonly metrics: Metrics;
  readonly drivers: readonly HostedDriver[];
  readonly service: PresenceService;
  /** `undefined` where no backend keeps anything. */
  readonly registry: RegistryService | undefined;
}

/**
 * Starts a daemon: the one place that makes the parts and joins them. Resolves when it serves, whether or not a backend
 * can be reached.
 *
 * @throws DiscoveryError `invalid_argument` for options that a driver refuses, one mistake to a line, `unavailable` where the address is taken.
 */
export async function startDaemon(config: Config, surroundings: Surroundings): Promise<Daemon> {
  const metrics = createMetrics();
  const drivers = await createDrivers(config, surroundings);
  const registry = await RegistryService.create(config, { ...surroundings, drivers });
  const leases = registry?.leases;
  const service = await PresenceService.create(config, { ...surroundings, metrics, drivers, leases });
  const parts: Parts = { ...surroundings, config, metrics, drivers, service, registry };
  const stopping = new AbortController();
  const http = await startHttp(parts, stopping.signal);
  const notifiers = startNotifiers(parts);
  const cancels = drivers.map(({ driver }) => reportLink(driver, surroundings.log, metrics));
  cancels.push(
    service.presence.onChange((change) => {
      metrics.hosts.set(service.presence.size);
      for (const notifier of notifiers) notifier.changed(change);
    }),
  );
  // First the subscriptions, then the links: whoever answers our first words must be heard.
  await service.start();
  await registry?.start();
  for (const { driver } of drivers) connectDriver(driver, surroundings.log, stopping.signal);
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    stopping.abort();
    // Each may take a moment, and all of it has to be over within the grace that `runDaemon` gives.
    const told = Promise.all(notifiers.map((notifier) => notifier.close()));
    await Promise.all([service.stop(), http?.close(), told]);
    await registry?.stop();
    for (const cancel of cancels) cancel();
    await Promise.all(drivers.map(({ driver }) => driver.close()));
  };
  return { address: http?.address, close: () => (closed ??= close()) };
}

async function startHttp(parts: Parts, stopping: AbortSignal): Promise<HttpServer | undefined> {
  const { clock, log, random, metrics, config, service, registry } = parts;
  if (config.http.disableApi) return undefined;
  const view = new PresenceFacade({ presence: service.presence, local: () => service.local(), ...config.presence });
  const app = createApp({
    clock,
    log,
    random,
    metrics,
    stopping,
    view,
    registry,
    labels: service.labels,
    token: config.http.token,
    defaultPort: config.presence.nodeExporterPort,
  });
  const server = await startHttpServer({
    clock,
    log,
    fetch: (request, env) => app.fetch(request, env),
    ...config.http.listen,
    limits: { closeMs: CLOSE_MS },
  });
  log.info({ address: server.address }, "HTTP API listens");
  return server;
}

/** One for each callback and each webhook, so that none waits for another. */
function startNotifiers(parts: Parts): readonly Notifier[] {
  const { metrics, config, service } = parts;
  const { commands, timeoutMs, maxWaitMs, ...waits } = config.callback;
  const { urls, ...webhook } = config.webhook;
  const rule = { ...waits, maxWaitMs: maxWaitMs ?? 4 * waits.minWaitMs };
  const hosts = () => service.presence.hosts();
  const onRun = (result: RunResult): void => metrics.callbackRuns.inc({ result });
  const onDelivery = (result: DeliveryResult): void => metrics.webhookDeliveries.inc({ result });
  return [
    ...commands.map((command) => startCallback({ ...parts, rule, hosts, command, timeoutMs, onRun })),
    ...urls.map((url, at) => startWebhook({ ...parts, ...webhook, rule, hosts, url, number: at + 1, onDelivery })),
  ];
}
