import { compareBytes } from "./byte-order.ts";
import { DiscoveryError } from "./error.ts";
import type { HostStatus } from "./presence/host.ts";
import type { LabelLookup } from "./selector/label-lookup.ts";

/** What is known of a host wherever only its labels matter. */
export interface LabelledHost {
  readonly hostname: string;
  readonly labels: readonly string[];
  /** Marked where it is rendered, unless alive. */
  readonly status?: HostStatus;
}

/** A host label cut in two: `service:smtp` is key `service`, value `smtp`. */
export interface HostLabelParts {
  readonly key: string;
  readonly value: string;
}

const MAX_BYTES = 1024;
const CONTROL = /\p{Cc}/u;
const encoder = new TextEncoder();

/** Why a string cannot be a host label: empty, over 1 KiB of UTF-8, a control character, a lone surrogate. `undefined`: it can. */
export function hostLabelProblem(label: string): string | undefined {
  if (label === "") return "is empty";
  if (label.length > MAX_BYTES || encoder.encode(label).length > MAX_BYTES) return `is over ${MAX_BYTES} bytes`;
  if (CONTROL.test(label)) return "has a control character";
  if (!label.isWellFormed()) return "is not valid Unicode";
  return undefined;
}

/** Whether a string can be a host label; `hostLabelProblem` says why not. */
export function isHostLabel(label: string): boolean {
  return hostLabelProblem(label) === undefined;
}

/**
 * Labels, one per line, in their order. Blank lines and white space around a label are ignored.
 * Throws `invalid_argument` naming `source` and the line for what `hostLabelProblem` refuses.
 */
export function parseLabelLines(text: string, source = "labels"): string[] {
  return parseLabels(text.split("\n"), (index) => `${source}, line ${index + 1}`);
}

/**
 * Labels separated by commas, as in the variable LABELS, in their order. Blank ones and white space around a label are ignored.
 * Throws `invalid_argument` naming `source` and the item for what `hostLabelProblem` refuses.
 */
export function parseLabelList(text: string, source = "labels"): string[] {
  return parseLabels(text.split(","), (index) => `${source}, item ${index + 1}`);
}

/** Each label once, in UTF-8 byte order: the form in which a packet carries them, so that equal sets are equal bytes. */
export function normalizeLabels(labels: Iterable<string>): string[] {
  return [...new Set(labels)].toSorted(compareBytes);
}

/** Cuts at the first colon, so that the value may hold more of them. A label without one is a key with an empty value. */
export function splitHostLabel(label: string): HostLabelParts {
  const colon = label.indexOf(":");
  return colon < 0 ? { key: label, value: "" } : { key: label.slice(0, colon), value: label.slice(colon + 1) };
}

/** Host labels as selectors see them, cut as `splitHostLabel` does. Makes nothing ahead of the first question. */
export function hostLabelLookup(labels: readonly string[]): LabelLookup {
  return (key) => {
    // A key with a colon would match labels that are cut before it.
    if (key.includes(":")) return undefined;
    const prefix = `${key}:`;
    const values: string[] = [];
    for (const label of labels) {
      if (label === key) values.push("");
      else if (label.startsWith(prefix)) values.push(label.slice(prefix.length));
    }
    return values;
  };
}

function parseLabels(parts: readonly string[], where: (index: number) => string): string[] {
  const labels: string[] = [];
  for (const [index, part] of parts.entries()) {
    const label = part.trim();
    if (label === "") continue;
    const problem = hostLabelProblem(label);
    if (problem !== undefined) {
      throw new DiscoveryError(
        "invalid_argument",
        `${where(index)}: label ${JSON.stringify(label.slice(0, 100).toWellFormed())} ${problem}; ` +
          `expected 1 to ${MAX_BYTES} bytes of UTF-8 without control characters`,
      );
    }
    labels.push(label);
  }
  return labels;
}
