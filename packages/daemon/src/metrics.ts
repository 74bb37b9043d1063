import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/** Everything that a daemon counts, in a registry of its own. */
export interface Metrics {
  readonly registry: Registry;
  /** Hosts believed alive. */
  readonly hosts: Gauge;
  /** Hosts that are silent, and listed only because the mass-loss guard holds them. */
  readonly hostsGuarded: Gauge;
  /** Packets from the bus, by what became of them. */
  readonly packetsReceived: Counter<"result">;
  /** Packets whose signature does not hold, by why, and whether they were dropped. */
  readonly packetsUnproven: Counter<"reason" | "dropped">;
  /** Packets published, by kind (`hi`, `goodbye`, …). */
  readonly packetsSent: Counter<"kind">;
  /** 1 while the link to a backend is proven, else 0. */
  readonly linkUp: Gauge<"driver">;
  /** Times that another machine was seen announcing a hostname that was taken. */
  readonly duplicateHostnames: Counter;
  /** Callback runs, by how they ended (`RunResult`). */
  readonly callbackRuns: Counter<"result">;
  /** Attempts to deliver to a webhook, by how they ended (`DeliveryResult`). */
  readonly webhookDeliveries: Counter<"result">;
  /** Seconds from a request's arrival to its answer, by route pattern, so that no request can make up a new series. */
  readonly httpDuration: Histogram<"method" | "route" | "status">;
}

/** Upper bounds in seconds. Answers come from memory, so most of them lie below a millisecond. */
const HTTP_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

/** The metrics of one daemon, with those of its process (`process_*`, `nodejs_*`). Nothing is shared between two of them. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return { registry, ...presenceMetrics([registry]), ...runMetrics([registry]) };
}

function presenceMetrics(registers: Registry[]) {
  return {
    hosts: new Gauge({ name: "discovery_hosts", help: "Hosts believed alive", registers }),
    hostsGuarded: new Gauge({
      name: "discovery_hosts_guarded",
      help: "Hosts that are silent, and listed only because the mass-loss guard holds them",
      registers,
    }),
    packetsReceived: new Counter({
      name: "discovery_packets_received_total",
      help: "Packets from the bus, by what became of them",
      labelNames: ["result"] as const,
      registers,
    }),
    packetsUnproven: new Counter({
      name: "discovery_packets_unproven_total",
      help: "Packets whose signature does not hold, by why, and whether they were dropped",
      labelNames: ["reason", "dropped"] as const,
      registers,
    }),
    packetsSent: new Counter({
      name: "discovery_packets_sent_total",
      help: "Packets published, by kind",
      labelNames: ["kind"] as const,
      registers,
    }),
    linkUp: new Gauge({
      name: "discovery_link_up",
      help: "1 while the link to the backend is proven, else 0",
      labelNames: ["driver"] as const,
      registers,
    }),
    duplicateHostnames: new Counter({
      name: "discovery_duplicate_hostnames_total",
      help: "Times that another machine was seen under a hostname that was taken",
      registers,
    }),
  };
}

function runMetrics(registers: Registry[]) {
  return {
    callbackRuns: new Counter({
      name: "discovery_callback_runs_total",
      help: "Callback runs, by how they ended",
      labelNames: ["result"] as const,
      registers,
    }),
    webhookDeliveries: new Counter({
      name: "discovery_webhook_deliveries_total",
      help: "Attempts to deliver to a webhook, by how they ended",
      labelNames: ["result"] as const,
      registers,
    }),
    httpDuration: new Histogram({
      name: "discovery_http_request_duration_seconds",
      help: "Seconds from a request to its answer, by route pattern and status",
      labelNames: ["method", "route", "status"] as const,
      buckets: HTTP_BUCKETS,
      registers,
    }),
  };
}
