import { invalidArgument } from "./invalid-argument.ts";

/** How the services of a namespace are exported: not at all, as targets to scrape, or as URLs for a blackbox exporter. */
export type ExportConfig = "disabled" | "standard" | "blackbox";

/** The position is the integer that stands for it in gRPC and in the original's JSON. */
const EXPORT_CONFIGS: readonly ExportConfig[] = ["disabled", "standard", "blackbox"];

/** The integer that stands for it outside: 0 disabled, 1 standard, 2 blackbox. */
export function exportConfigNumber(config: ExportConfig): number {
  return EXPORT_CONFIGS.indexOf(config);
}

/** Reads an export config by name or integer. Throws `invalid_argument` for any other value. */
export function parseExportConfig(value: string | number): ExportConfig {
  const config = typeof value === "number" ? EXPORT_CONFIGS[value] : EXPORT_CONFIGS.find((name) => name === value);
  if (config === undefined) throw invalidArgument("export config", value, "disabled (0), standard (1) or blackbox (2)");
  return config;
}
