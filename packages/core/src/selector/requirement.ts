import { compareBytes } from "../byte-order.ts";
import { parseInteger } from "./integer.ts";
import type { LabelLookup } from "./label-lookup.ts";

/** One condition of a selector. `k=v` and `k==v` are `in` with one value, `k!=v` is `notin` with one. */
export type Requirement =
  | {
      readonly operator: "in" | "notin";
      readonly key: string;
      /** At least one; each once, in byte order. */
      readonly values: readonly string[];
    }
  | { readonly operator: "exists" | "absent"; readonly key: string }
  | { readonly operator: "gt" | "lt"; readonly key: string; readonly bound: bigint };

/**
 * Kubernetes' rules for one value per key, carried on to several: `in`, `gt` and `lt` hold if any value satisfies them (so
 * the key must be there, for `gt` and `lt` with a 64-bit integer); `notin` holds if none of the values is listed, so also
 * where the key is absent.
 */
export function requirementMatches(requirement: Requirement, labels: LabelLookup): boolean {
  const { operator } = requirement;
  const present = labels(requirement.key) ?? [];
  if ("values" in requirement) {
    return present.some((value) => requirement.values.includes(value)) === (operator === "in");
  }
  if ("bound" in requirement) {
    return present.some((value) => {
      const number = parseInteger(value);
      if (number === undefined) return false;
      return operator === "gt" ? number > requirement.bound : number < requirement.bound;
    });
  }
  return present.length > 0 === (operator === "exists");
}

/** The one way to write a requirement: `k=v` for one value, `k in (a,b)` for several. */
export function formatRequirement(requirement: Requirement): string {
  const { key, operator } = requirement;
  if ("values" in requirement) {
    const values = requirement.values.join(",");
    if (requirement.values.length > 1) return `${key} ${operator} (${values})`;
    return operator === "in" ? `${key}=${values}` : `${key}!=${values}`;
  }
  if ("bound" in requirement) return `${key}${operator === "gt" ? ">" : "<"}${requirement.bound}`;
  return operator === "exists" ? key : `!${key}`;
}

/** Each value once, in byte order. */
export function valueSet(values: Iterable<string>): string[] {
  return [...new Set(values)].toSorted(compareBytes);
}
