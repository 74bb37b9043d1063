import { hostLabelProblem, normalizeLabels } from "../host-label.ts";

/** Most labels one host may announce. */
export const MAX_LABELS = 1000;

/**
 * Labels off the wire as they may be listed: trimmed, sorted, without duplicates, without those that no host may carry.
 * A bad label is left out rather than the host: a stray byte in a label file must not make a machine disappear.
 */
export function sanitizeLabels(labels: readonly string[]): string[] {
  const trimmed = labels.map((label) => label.trim());
  return normalizeLabels(trimmed.filter((label) => hostLabelProblem(label) === undefined));
}
