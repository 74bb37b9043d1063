import type { HostStatus } from "./presence/host.ts";

/**
 * What marks a target that is exported although its host is silent, so that alerts can tell it: `__meta_discovery_guarded`
 * while the mass-loss guard holds it, `__meta_discovery_lingering` for the time that it lingers.
 */
export function hostStatusLabels(status: HostStatus | undefined): readonly (readonly [string, string])[] {
  if (status === "held") return [["__meta_discovery_guarded", "true"]];
  return status === "lingering" ? [["__meta_discovery_lingering", "true"]] : [];
}
