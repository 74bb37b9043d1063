import { compareBytes } from "../byte-order.ts";
import { DiscoveryError } from "../error.ts";
import type { LabelLookup } from "./label-lookup.ts";
import { parseRequirements } from "./parser.ts";
import { formatRequirement, requirementMatches, type Requirement } from "./requirement.ts";

/** A Kubernetes label selector: all requirements must hold; with none it matches everything. */
export interface Selector {
  /** Each once, in the byte order of what `formatSelector` writes for them. */
  readonly requirements: readonly Requirement[];
}

/** Keeps the cost of one match, which is paid for every host and service, within bounds. */
const MAX_LENGTH = 8192;

/**
 * Reads a selector of at most 8,192 characters in the grammar of Kubernetes' `labels.Parse`, in linear time. Two texts that
 * say the same in another order or spelling (`a==1, b` and `b,a in (1)`) give equal selectors.
 * Throws `invalid_argument` that quotes the selector and points at the token that does not fit.
 */
export function parseSelector(text: string): Selector {
  if (text.length > MAX_LENGTH) {
    throw new DiscoveryError(
      "invalid_argument",
      `selector ${JSON.stringify(text.slice(0, 100).toWellFormed())}…: expected at most ${MAX_LENGTH} characters, got ${text.length}`,
    );
  }
  const byText = new Map(parseRequirements(text).map((requirement) => [formatRequirement(requirement), requirement]));
  const sorted = [...byText].toSorted(([left], [right]) => compareBytes(left, right));
  return { requirements: sorted.map(([, requirement]) => requirement) };
}

/** Whether every requirement holds for these labels; see `requirementMatches` for keys with several values. */
export function selectorMatches(selector: Selector, labels: LabelLookup): boolean {
  return selector.requirements.every((requirement) => requirementMatches(requirement, labels));
}

/** The canonical text: equal for equal selectors, and `parseSelector` gives the same selector back. Empty matches everything. */
export function formatSelector(selector: Selector): string {
  return selector.requirements.map(formatRequirement).join(",");
}
