import { Counter, Gauge, type Registry } from "prom-client";

/** What the exporter counts. */
export interface ExporterMetrics {
  /** Changes of services that the source told, by what they were: `put`, `delete`, or `snapshot` for all services at once. */
  readonly watchEvents: Counter<"op">;
  readonly files: Gauge;
  readonly written: Counter;
  readonly removed: Counter;
  /** Passes over the files that could not be finished. */
  readonly failures: Counter;
  /** Unix seconds at which the files last said all that they shall; 0 before the first time. */
  readonly lastSync: Gauge;
  /** 1 while the source is certain, else 0. */
  readonly sourceUp: Gauge;
  /** 1 while the server is active, so that its files are written; else 0. */
  readonly serverActive: Gauge;
}

/** The exporter's metrics, in the registry of the process that it runs in. */
export function createExporterMetrics(registry: Registry): ExporterMetrics {
  const registers = [registry];
  const gauge = (name: string, help: string) => new Gauge({ name: `discovery_exporter_${name}`, help, registers });
  const counter = (name: string, help: string) => new Counter({ name: `discovery_exporter_${name}`, help, registers });
  return {
    watchEvents: new Counter({
      name: "discovery_exporter_service_watch_events_total",
      help: "Changes of services that were heard of, by what they were",
      labelNames: ["op"] as const,
      registers,
    }),
    files: gauge("files", "Files with target groups, empty ones included"),
    written: counter("files_written_total", "Files written because their content changed"),
    removed: counter("files_removed_total", "Files removed because no job has them any more"),
    failures: counter("failures_total", "Attempts to bring the files up to date that the file system refused"),
    lastSync: gauge("last_sync_timestamp_seconds", "When the files were last known to be up to date"),
    sourceUp: gauge("source_up", "1 while what is registered is known for certain, else 0"),
    serverActive: gauge("server_active", "1 while the server is active and its files are written, else 0"),
  };
}
